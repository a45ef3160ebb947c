package dev.limpet.node.cluster;

import dev.limpet.node.home.Gate;

/**
 * The gate that the lease opens. Beside the lease's end it compares the wall clock with the monotonic clock: a machine
 * that was suspended may wake with a monotonic clock that stood still (rule 5).
 */
final class LeaseGate implements Gate {
  private static final long JUMP_NANOS = 250_000_000;

  private final Runnable onJump;
  private volatile long beginsUntil = Long.MIN_VALUE;
  private volatile long opensSoonUntil = Long.MIN_VALUE;
  private volatile long offset = offset(System.nanoTime());
  private volatile String why = "this node is no member of the cluster yet";

  LeaseGate(Runnable onJump) {
    this.onJump = onJump;
  }

  private static long offset(long nowNanos) {
    return System.currentTimeMillis() * 1_000_000 - nowNanos;
  }

  /** Nothing begins from that time on. */
  void until(long nanos, String reason) {
    why = reason;
    beginsUntil = nanos;
  }

  /** If the lease does not hold, it should be renewed by that time; {@link Long#MIN_VALUE}: it will not be. */
  void opensBy(long nanos) {
    opensSoonUntil = nanos;
  }

  /** The clocks are as they are now. */
  void agree() {
    offset = offset(System.nanoTime());
  }

  /** Whether the two clocks have drifted apart by more than a jump since they were last compared. */
  boolean jumped(long nowNanos) {
    long drift = offset(nowNanos) - offset;
    return drift > JUMP_NANOS || drift < -JUMP_NANOS;
  }

  @Override
  public boolean open(long nowNanos) {
    long until = beginsUntil;
    if (until == Long.MIN_VALUE || nowNanos - until >= 0) {
      return false;
    }
    if (jumped(nowNanos)) {
      onJump.run();
      return false;
    }
    return true;
  }

  @Override
  public boolean stillOpen(long nowNanos) {
    long until = beginsUntil;
    return until != Long.MIN_VALUE && nowNanos - until < 0;
  }

  @Override
  public boolean opensSoon(long nowNanos) {
    long until = opensSoonUntil;
    return until != Long.MIN_VALUE && nowNanos - until < 0 && !stillOpen(nowNanos);
  }

  @Override
  public String whyShut() {
    long until = beginsUntil;
    return until == Long.MIN_VALUE
        ? why
        : "the lease of this node has lapsed: it does not reach a majority of the cluster, or was paused";
  }

  /** What is left of the lease, in nanoseconds; 0 if nothing. */
  long left(long nowNanos) {
    long until = beginsUntil;
    return until == Long.MIN_VALUE ? 0 : Math.max(0, until - nowNanos);
  }
}
