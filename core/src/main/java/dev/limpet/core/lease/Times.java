package dev.limpet.core.lease;

import dev.limpet.core.Invariant;

/**
 * The durations that leases rest on, in nanoseconds of monotonic clocks.
 *
 * @param heartbeat how often a node renews
 * @param lease how long the holder may count on a renewal, from its first sending
 * @param guard how long before the end of its lease the holder begins nothing more
 * @param grace how long the grantor waits after the last applied renewal before it proposes the expiry
 * @param pause a gap between two ticks that counts as a pause of this process
 */
public record Times(long heartbeat, long lease, long guard, long grace, long pause) {
  /** The assumed bound of the error of clock rates between two nodes, as a fraction of 1/{@value}. */
  public static final long RATE_ERROR = 100;

  public Times {
    // TTL * (1 + r) / (1 - r), with r = 1/100, plus a tick.
    long least = lease / (RATE_ERROR - 1) * (RATE_ERROR + 1);
    Invariant.check(
        grace >= least, "the grantor waits longer than any holder's lease can last", grace, least);
    Invariant.check(
        guard > 0 && guard < lease / 2, "the guard is a small part of the lease", guard, lease);
    Invariant.check(
        heartbeat * 3 <= lease, "a lease is at least three heartbeats", heartbeat, lease);
  }

  /** For how long acknowledgements may be missing before a node counts as one that hears nothing (rule 3). */
  public long deaf() {
    return Math.max(lease / 3, 2 * heartbeat);
  }

  /** The usual proportions for a heartbeat and a lease. */
  public static Times of(long heartbeat, long lease) {
    long grace = lease / (RATE_ERROR - 1) * (RATE_ERROR + 1) + heartbeat / 4;
    return new Times(heartbeat, lease, lease / 20, grace, Math.max(lease / 4, heartbeat));
  }
}
