package dev.limpet.transport;

/**
 * Counts since the transport was bound. Read one after the other, not at one instant.
 *
 * @param framesIn frames read
 * @param framesOut frames queued for writing
 * @param bytesIn bytes of frames read, headers included
 * @param bytesOut bytes written
 * @param connects connections made by this node on which both hellos were accepted
 * @param accepts connections made by peers on which both hellos were accepted
 * @param connectFailures attempts to connect that failed for any reason
 * @param refusals connections refused, by either side: hello, version, too many
 * @param hostile connections closed because of bytes that no Limpet node sends
 * @param tlsRefusals of those two, the ones that TLS was the reason of: no TLS or too old, a certificate that is not
 *     believed, records that are not genuine
 * @param busy requests refused because a link was full, here or at the peer
 * @param deadlines requests whose deadline passed
 * @param lateReplies replies that came when nobody waited any more
 * @param stalls connections closed because the peer did not read
 * @param splices connections handed through to the consensus engine
 */
public record TransportStats(
    long framesIn,
    long framesOut,
    long bytesIn,
    long bytesOut,
    long connects,
    long accepts,
    long connectFailures,
    long refusals,
    long hostile,
    long tlsRefusals,
    long busy,
    long deadlines,
    long lateReplies,
    long stalls,
    long splices) {}
