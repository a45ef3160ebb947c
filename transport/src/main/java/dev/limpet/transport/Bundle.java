package dev.limpet.transport;

/**
 * Requests over one {@link Link} that are given up together, such as those to a peer that is known to have ended. For any
 * thread.
 */
public final class Bundle {
  private final Link link;
  private volatile boolean over;

  Bundle(Link link) {
    this.link = link;
  }

  /**
   * Like {@link Link#call}, by a deadline.
   *
   * @param nowNanos System.nanoTime, read a moment ago: the caller mostly has it
   * @param deadlineNanos by System.nanoTime; noticed up to 20 ms late
   * @throws LinkException when there is no answer; {@link LinkException.Reason#GIVEN_UP} after {@link #giveUp}
   */
  public byte[] call(int kind, byte[] body, long deadlineNanos, long nowNanos) {
    return link.call(kind, body, new Call.Parked(deadlineNanos, this), nowNanos);
  }

  boolean isOver() {
    return over;
  }

  /** Fails those that wait, and all to come. */
  public void giveUp() {
    over = true;
    link.giveUp(this);
  }
}
