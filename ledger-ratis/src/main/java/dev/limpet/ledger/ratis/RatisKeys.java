package dev.limpet.ledger.ratis;

import java.io.File;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.thirdparty.io.netty.handler.ssl.SslProvider;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Ratis' settings. Whatever is not named here was looked at and left alone. */
final class RatisKeys {
  /** A leader that lost its majority stands aside this long; a JVM that paused longer steps down. */
  static final long STEP_DOWN_WAIT_MILLIS = 1_000;

  static final int PENDING_ENTRIES_MAX = 1_024;

  private RatisKeys() {}

  /**
   * The settings of one node.
   *
   * @param alone whether it was the only voter when the groups began: then there is no leader whose word it should await
   *     before it stands, and nobody is disturbed if others have come since, for they are asked before an election
   */
  static RaftProperties of(LogTuning tuning, InetSocketAddress bind, File noGroups, boolean alone) {
    var properties = new RaftProperties();
    // The real directory is set when the server stands, see RatisHost.
    RaftServerConfigKeys.setStorageDir(properties, List.of(noGroups));
    RaftServerConfigKeys.setRemovedGroupsDir(
        properties, new File(noGroups.getParentFile(), "removed"));
    elections(properties, tuning);
    if (alone) {
      RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, millis(10));
      RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, millis(20));
    }
    log(properties, tuning);
    transport(properties, tuning, bind);
    threads(properties);
    return properties;
  }

  private static void elections(RaftProperties properties, LogTuning tuning) {
    var min = millis(tuning.electionTimeoutMin().toMillis());
    var max = millis(tuning.electionTimeoutMax().toMillis());
    RaftServerConfigKeys.Rpc.setTimeoutMin(properties, min);
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, max);
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, min);
    RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, max);
    RaftServerConfigKeys.Rpc.setRequestTimeout(properties, millis(2_000));
    RaftServerConfigKeys.Rpc.setSlownessTimeout(properties, millis(10_000));
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(
        properties, millis(STEP_DOWN_WAIT_MILLIS));
    RaftServerConfigKeys.Notification.setNoLeaderTimeout(properties, millis(5_000));
    // By default a pause of a minute closes the server for good.
    RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(3_650, TimeUnit.DAYS));
    RaftServerConfigKeys.setSleepDeviationThreshold(properties, max);
    RaftServerConfigKeys.setStagingTimeout(properties, millis(30_000));
    // Safety never rests on reads or on the leader's lease, so they stay off.
    RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.DEFAULT);
    RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, false);
  }

  private static void log(RaftProperties properties, LogTuning tuning) {
    // Ratis steps its leader down for an entry over the appender's limit, so ours lies well below
    // it.
    long appender = tuning.entryBytesMax() + (1L << 20);
    RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf(appender));
    RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf(appender + 8));
    RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(
        properties, SizeInBytes.valueOf(1L << 20));
    RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(properties, true);
    // By default a leader waits five seconds between attempts at a follower that was away for a
    // while: it comes back, joins, and then sees nothing for so long.
    RaftServerConfigKeys.Log.Appender.setRetryPolicy(
        properties, "1ms,10, 100ms,100, 250ms,1000000000");
    RaftServerConfigKeys.Log.setSegmentSizeMax(
        properties, SizeInBytes.valueOf(tuning.segmentBytes()));
    RaftServerConfigKeys.Log.setPreallocatedSize(
        properties, SizeInBytes.valueOf(Math.min(4L << 20, tuning.segmentBytes())));
    RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 1);
    RaftServerConfigKeys.Log.setSegmentCacheSizeMax(
        properties, SizeInBytes.valueOf(2 * Math.max(tuning.segmentBytes(), 8L << 20)));
    RaftServerConfigKeys.Log.setQueueElementLimit(properties, 4_096);
    RaftServerConfigKeys.Log.setQueueByteLimit(properties, SizeInBytes.valueOf(32L << 20));
    RaftServerConfigKeys.Log.setForceSyncNum(properties, 128);
    // Both would acknowledge entries that no disk has.
    RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, false);
    RaftServerConfigKeys.Log.setAsyncFlushEnabled(properties, false);
    // Nor this: Ratis 3.3.0 keeps the entries that a follower is about to append by their first
    // index. When the leader
    // sends them again with more behind them (a follower that was killed or stood still is catching
    // up), the follower
    // takes it for the same request and acknowledges entries that it never appended. The leader
    // counts them for its
    // majority, and never sends them: that replica stands still until another leader is elected.
    RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
    // Those who have to know at once what has committed are told without an entry, see Appenders.
    RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
    RaftServerConfigKeys.Log.setCorruptionPolicy(
        properties, RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION);
    // Without this one dead peer keeps every log growing.
    RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
    RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, tuning.keepEntries());
    RaftServerConfigKeys.Log.setPurgeGap(properties, tuning.purgeGapEntries());
    RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
    RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, tuning.checkpointEntries());
    RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
    RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(properties, false);
    RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
    RaftServerConfigKeys.Write.setElementLimit(properties, PENDING_ENTRIES_MAX);
    RaftServerConfigKeys.Write.setByteLimit(
        properties, SizeInBytes.valueOf(Math.max(16L << 20, 4 * appender)));
    // Entries are never re-sent under the same call id, so nothing is gained by remembering
    // replies.
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, millis(2_000));
  }

  private static void transport(
      RaftProperties properties, LogTuning tuning, InetSocketAddress bind) {
    RaftConfigKeys.Rpc.setType(properties, new PeerRpc());
    GrpcConfigKeys.Server.setHost(properties, bind.getHostString());
    GrpcConfigKeys.Server.setPort(properties, bind.getPort());
    GrpcConfigKeys.setMessageSizeMax(
        properties, SizeInBytes.valueOf(tuning.entryBytesMax() + (4L << 20)));
    GrpcConfigKeys.Server.setHeartbeatChannel(properties, true);
    // A leader that sends its checkpoint to a follower which goes away meanwhile waits for answers
    // that never come, by default for very long, and sends that follower nothing else when it is
    // back.
    GrpcConfigKeys.Server.setInstallSnapshotRequestTimeout(properties, millis(2_000));
  }

  /** For what this replica dials; {@link PeersOnly} takes it from what listens. */
  static GrpcTlsConfig of(RatisConfig.PeerTls tls) {
    return GrpcTlsConfig.newBuilder()
        .setKeyManager(tls.keys())
        .setTrustManager(tls.trust())
        .setMutualTls(true)
        .setSslProvider(SslProvider.JDK)
        .setProtocols("TLSv1.3")
        .build();
  }

  private static void threads(RaftProperties properties) {
    GrpcConfigKeys.Server.setBossGroupSize(properties, 1);
    GrpcConfigKeys.Server.setWorkerGroupSize(properties, 2);
    GrpcConfigKeys.Client.setWorkerGroupSize(properties, 2);
    GrpcConfigKeys.Server.setAsyncRequestThreadPoolSize(properties, 4);
    RaftServerConfigKeys.ThreadPool.setProxySize(properties, 4);
    RaftServerConfigKeys.ThreadPool.setServerSize(properties, 16);
    RaftServerConfigKeys.ThreadPool.setClientSize(properties, 8);
  }

  private static TimeDuration millis(long millis) {
    return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
  }
}
