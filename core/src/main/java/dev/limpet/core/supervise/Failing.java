package dev.limpet.core.supervise;

/**
 * What a home remembers of one process that has failed since it last did anything right: how often, since when, why, when
 * it may be tried again, and whether it is to be made anew.
 */
/*
 * Two things fail. An activation: the process is not in memory, and is held back for a pause that doubles; the first call
 * after the pause makes the next attempt. A turn: the process is in memory and can answer, so it is never held back; a
 * long row of such turns, with not one between them that ended well, counts as failing, and is a reason to make the
 * process anew from what it saved, at most once in a pause that doubles likewise.
 *
 * A turn is told from others by its number, which rises within a copy of a process and differs between copies. So a turn
 * that ends well is noticed by its number alone.
 */
public final class Failing {
  private final Patience patience;

  private int activations;
  private int hindrances;
  private int turns;
  private int restarts;
  private int turnsAtRestart;

  private boolean held;
  private long attemptAt;
  private long restartAt;

  private long since;
  private long last;
  private long lastTurn;
  private String cause = "";

  public Failing(Patience patience) {
    this.patience = patience;
  }

  // Activations.

  /** Whether an activation may be attempted now. */
  public boolean mayActivate(long nowNanos) {
    return !held || nowNanos - attemptAt >= 0;
  }

  /** An attempt failed by the process's own fault: the next pause is longer. */
  public void activationFailed(long turn, long nowNanos, String why) {
    failed(turn, nowNanos, why);
    activations++;
    hold(nowNanos, patience.pauseAfter(activations));
  }

  /** An attempt failed because something else could not be reached: a pause, but no longer one than the first. */
  public void activationHindered(long turn, long nowNanos, String why) {
    failed(turn, nowNanos, why);
    hindrances++;
    hold(nowNanos, patience.pauseAfter(1));
  }

  private void hold(long nowNanos, long pauseNanos) {
    held = true;
    attemptAt = nowNanos + pauseNanos;
  }

  /** An attempt succeeded; {@link #isOver} if there is nothing else to remember. */
  public void activated(long turn) {
    activations = 0;
    hindrances = 0;
    held = false;
    lastTurn = turn;
  }

  // Turns.

  /** A turn threw what its method does not declare, or could not be saved. */
  public void turnFailed(long turn, long nowNanos, String why) {
    if (turns > 0 && nowNanos - last > patience.rowNanos()) {
      turns = 0;
      restarts = 0;
      turnsAtRestart = 0;
    }
    failed(turn, nowNanos, why);
    turns++;
  }

  /** Whether the turn of that number ended well, so that nothing of this is to be remembered. */
  public boolean endedWell(long turn) {
    return !held && turn != lastTurn;
  }

  /** Whether the process is to be made anew; if it is, {@link #restarted} follows. */
  public boolean restartDue(long nowNanos) {
    return turns - turnsAtRestart >= patience.failingTurns()
        && (restarts == 0 || nowNanos - restartAt >= 0);
  }

  public void restarted(long nowNanos) {
    restarts++;
    turnsAtRestart = turns;
    restartAt = nowNanos + patience.pauseAfter(restarts);
  }

  // Both.

  private void failed(long turn, long nowNanos, String why) {
    if (activations == 0 && turns == 0 && !held) {
      since = nowNanos;
    }
    last = nowNanos;
    lastTurn = turn;
    cause = why;
  }

  /** Whether people should be told that it fails, rather than that something failed once. */
  public boolean isFailing() {
    return held || turns >= patience.failingTurns();
  }

  /** Whether nothing is left to remember. */
  public boolean isOver() {
    return !held && turns == 0;
  }

  /** How many activations and turns failed in a row. */
  public int inARow() {
    return activations + hindrances + turns;
  }

  /** How often it was made anew since it last did anything right. */
  public int restarts() {
    return restarts;
  }

  /** When the row began. */
  public long sinceNanos() {
    return since;
  }

  /** When it last failed. */
  public long lastNanos() {
    return last;
  }

  /** How long until an activation may be attempted; 0 if it may now, or if the process is in memory. */
  public long heldNanos(long nowNanos) {
    return held ? Math.max(0, attemptAt - nowNanos) : 0;
  }

  /** Whether it is out of memory because its last activation failed. */
  public boolean isHeld() {
    return held;
  }

  /** What went wrong last, in one line. */
  public String cause() {
    return cause;
  }
}
