package dev.limpet.node.cluster;

import dev.limpet.node.home.Gate;
import java.util.function.LongSupplier;

/**
 * The gate that the lease opens. Beside the lease's end it compares the wall clock with the monotonic clock: a machine
 * that was suspended may wake with a monotonic clock that stood still (rule 5).
 */
/*
 * A look at a clock is the dearest thing that a turn at home does, so one begins with a look at the wall clock alone: that
 * goes on while the machine is suspended, and from it follows what the monotonic clock would show if neither had jumped. If
 * that is a time before the lease's end, and after the last tick by less than a jump, the turn begins. Should the wall clock have been set back since
 * that tick, the turn may begin late by no more than the time since then; its answer does not leave, since at its end the
 * lease is looked at by the monotonic clock. In every other case both clocks are looked at. (See docs/decisions/0023.)
 */
final class LeaseGate implements Gate {
  /**
   * A drift of the clocks that is noticed. For as long after a tick the wall clock alone is believed, so that a suspension
   * of that length is past it.
   */
  private static final long JUMP_NANOS = 250_000_000;

  private static final long MILLI = 1_000_000;

  private final Runnable onJump;
  private final LongSupplier monotonicNanos;
  private final LongSupplier wallMillis;
  private volatile long beginsUntil = Long.MIN_VALUE;
  private volatile long opensSoonUntil = Long.MIN_VALUE;
  private volatile long offset;
  private volatile String why = "";

  /** What is between the two clocks as of the last tick, so that slow corrections of the wall clock do not add up. */
  private volatile long tickOffset;

  /** The monotonic time of the last tick. */
  private volatile long tickedAt;

  LeaseGate(Runnable onJump) {
    this(onJump, System::nanoTime, System::currentTimeMillis);
  }

  /** By the given clocks, of which the first stands in the place of {@code System.nanoTime}. */
  LeaseGate(Runnable onJump, LongSupplier monotonicNanos, LongSupplier wallMillis) {
    this.onJump = onJump;
    this.monotonicNanos = monotonicNanos;
    this.wallMillis = wallMillis;
    agree();
    why = "this node is no member of the cluster yet";
  }

  private long offset(long nowNanos) {
    return wallMillis.getAsLong() * MILLI - nowNanos;
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

  /**
   * The clocks have jumped: nothing begins until {@link #until} says so again, and what they show now is the measure. Shut
   * first: whoever looks in between must not find clocks that agree and a lease from before the jump.
   */
  void agree() {
    until(Long.MIN_VALUE, "this node was paused, or its wall clock was set");
    long now = monotonicNanos.getAsLong();
    long between = offset(now);
    offset = between;
    ticked(now, between);
  }

  /**
   * Compares the clocks, again and again.
   *
   * @return whether they have not jumped; if they have, {@link #agree} is to follow
   */
  boolean tick(long nowNanos) {
    // Of one look: a suspension between two would be taken for what always was between the clocks.
    long between = offset(nowNanos);
    if (isJump(between)) {
      return false;
    }
    ticked(nowNanos, between);
    return true;
  }

  private void ticked(long nowNanos, long between) {
    tickOffset = between;
    tickedAt = nowNanos;
  }

  /** Whether the two clocks have drifted apart by more than a jump since they last agreed. */
  boolean jumped(long nowNanos) {
    return isJump(offset(nowNanos));
  }

  private boolean isJump(long between) {
    long drift = between - offset;
    return drift > JUMP_NANOS || drift < -JUMP_NANOS;
  }

  @Override
  public long openNow() {
    // Rounded up: looks at the wall clock are rounded down to a millisecond.
    long now = wallMillis.getAsLong() * MILLI - tickOffset + MILLI;
    long since = now - tickedAt;
    long until = beginsUntil;
    if (since >= 0 && since < JUMP_NANOS && until != Long.MIN_VALUE && now - until < 0) {
      return now;
    }
    long monotonic = monotonicNanos.getAsLong();
    return open(monotonic) ? monotonic : SHUT;
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
