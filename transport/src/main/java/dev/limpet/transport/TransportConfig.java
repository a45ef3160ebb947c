package dev.limpet.transport;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * The address and the bounds of one node's transport. {@link #on} gives the defaults; the {@code with} methods change
 * one bound each.
 *
 * @param address where the node's one cluster port is bound; port 0 takes a free one
 * @param frameBytesMax the largest frame, header included, either way
 * @param pendingBytesMax bytes that may wait to be written on one connection; beyond it a link is busy
 * @param inFlightMax requests on one connection that wait for their answer, on the asking and on the answering side
 * @param connectionsMax accepted connections, spliced ones not counted
 * @param openingsMax accepted connections that have not yet said who they are
 * @param splicesMax connections handed through to the consensus engine
 * @param linksMax peers this node holds a link to
 * @param connectTimeout how long one attempt to connect may take
 * @param helloTimeout how long the other side may take to say hello
 * @param stallTimeout how long a peer may leave full buffers unread before its connection is closed
 * @param backOffMax the longest pause between two attempts to connect; the first is a fiftieth of it
 * @param closeTimeout how long {@link Transport#close} waits for the transport's threads to end
 */
public record TransportConfig(
    InetSocketAddress address,
    int frameBytesMax,
    int pendingBytesMax,
    int inFlightMax,
    int connectionsMax,
    int openingsMax,
    int splicesMax,
    int linksMax,
    Duration connectTimeout,
    Duration helloTimeout,
    Duration stallTimeout,
    Duration backOffMax,
    Duration closeTimeout) {

  public TransportConfig {
    if (frameBytesMax < 1024 || frameBytesMax > 1 << 28) {
      throw new IllegalArgumentException(
          "frameBytesMax must be 1 KB to 256 MB, is " + frameBytesMax);
    }
    if (pendingBytesMax < frameBytesMax) {
      throw new IllegalArgumentException(
          "pendingBytesMax must hold one frame of "
              + frameBytesMax
              + " bytes, is "
              + pendingBytesMax);
    }
    if (inFlightMax < 1 || inFlightMax > 1 << 20) {
      throw new IllegalArgumentException("inFlightMax must be 1 to 1,048,576, is " + inFlightMax);
    }
  }

  /** The defaults, bound to the address. */
  public static TransportConfig on(InetSocketAddress address) {
    return new TransportConfig(
        address,
        2 << 20,
        16 << 20,
        65_536,
        1024,
        128,
        256,
        1024,
        Duration.ofSeconds(1),
        Duration.ofSeconds(5), // a JVM's first TLS handshake on a busy machine takes more than one
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2));
  }

  /** The same with another largest frame. */
  public TransportConfig withFrameBytesMax(int bytes) {
    return new TransportConfig(
        address,
        bytes,
        pendingBytesMax,
        inFlightMax,
        connectionsMax,
        openingsMax,
        splicesMax,
        linksMax,
        connectTimeout,
        helloTimeout,
        stallTimeout,
        backOffMax,
        closeTimeout);
  }

  /** The same with another bound on unwritten bytes. */
  public TransportConfig withPendingBytesMax(int bytes) {
    return new TransportConfig(
        address,
        frameBytesMax,
        bytes,
        inFlightMax,
        connectionsMax,
        openingsMax,
        splicesMax,
        linksMax,
        connectTimeout,
        helloTimeout,
        stallTimeout,
        backOffMax,
        closeTimeout);
  }

  /** The same with another bound on unanswered requests. */
  public TransportConfig withInFlightMax(int requests) {
    return new TransportConfig(
        address,
        frameBytesMax,
        pendingBytesMax,
        requests,
        connectionsMax,
        openingsMax,
        splicesMax,
        linksMax,
        connectTimeout,
        helloTimeout,
        stallTimeout,
        backOffMax,
        closeTimeout);
  }

  /** The same with other bounds on accepted, not yet introduced, and spliced connections. */
  public TransportConfig withConnectionsMax(int connections, int openings, int splices) {
    return new TransportConfig(
        address,
        frameBytesMax,
        pendingBytesMax,
        inFlightMax,
        connections,
        openings,
        splices,
        linksMax,
        connectTimeout,
        helloTimeout,
        stallTimeout,
        backOffMax,
        closeTimeout);
  }

  /** The same with other patience for connecting, for a hello and for a peer that does not read. */
  public TransportConfig withTimeouts(Duration connect, Duration hello, Duration stall) {
    return new TransportConfig(
        address,
        frameBytesMax,
        pendingBytesMax,
        inFlightMax,
        connectionsMax,
        openingsMax,
        splicesMax,
        linksMax,
        connect,
        hello,
        stall,
        backOffMax,
        closeTimeout);
  }

  /** The same with another longest pause between attempts to connect. */
  public TransportConfig withBackOffMax(Duration pause) {
    return new TransportConfig(
        address,
        frameBytesMax,
        pendingBytesMax,
        inFlightMax,
        connectionsMax,
        openingsMax,
        splicesMax,
        linksMax,
        connectTimeout,
        helloTimeout,
        stallTimeout,
        pause,
        closeTimeout);
  }
}
