package dev.limpet.spi;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that a node is started with; see {@link dev.limpet.LimpetBuilder} for the meaning of each. */
public record NodeSettings(
    String cluster,
    String id,
    Path data,
    String clusterAddress,
    String httpAddress,
    List<String> seeds,
    Duration deadline,
    Timing timing,
    RefusedPorts refusedPorts,
    Set<Evidence> evidence,
    @Nullable Path tls,
    boolean insecure,
    boolean form,
    Roles roles,
    List<Hosted<?>> hosted) {

  public NodeSettings {
    name("cluster", cluster);
    name("id", id);
    if (deadline.isNegative() || deadline.isZero()) {
      throw new StartFailed(
          ErrorCode.INVALID_SETTING, "the deadline must be longer than zero, got " + deadline);
    }
    seeds = List.copyOf(seeds);
    hosted = List.copyOf(hosted);
  }

  private static void name(String what, String value) {
    if (!value.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
      throw new StartFailed(
          ErrorCode.INVALID_SETTING,
          "the "
              + what
              + " must be 1 to 63 of A-Z a-z 0-9 . _ - with a letter or digit first, got \""
              + value
              + "\"");
    }
  }

  /**
   * Heartbeats and leases; the same on every node.
   *
   * @param heartbeat how often a node renews its lease; default 400 ms
   * @param lease how long a lease lasts from the sending of its renewal; at least 3 heartbeats, default 3 s
   * @param shards into how many shards keys are hashed; fixed when the cluster forms, 1 to 65,536, default 256
   */
  public record Timing(Duration heartbeat, Duration lease, int shards) {
    public static final Timing DEFAULT =
        new Timing(Duration.ofMillis(400), Duration.ofSeconds(3), 256);

    public Timing {
      if (heartbeat.toMillis() < 20 || lease.compareTo(heartbeat.multipliedBy(3)) < 0) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING,
            "a lease must be at least three heartbeats and a heartbeat 20 ms; got lease "
                + lease.toMillis()
                + " ms, heartbeat "
                + heartbeat.toMillis()
                + " ms");
      }
      if (shards < 1 || shards > 65_536) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING, "shards must be from 1 to 65536, got " + shards);
      }
    }
  }
}
