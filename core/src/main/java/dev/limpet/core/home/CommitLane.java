package dev.limpet.core.home;

import dev.limpet.core.Invariant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The commits of one shard under one claim: they gather while one is under way, go to the store one after the other with
 * consecutive sequence numbers, and are sent again, unchanged, until the answer is known (rule 10). Not thread-safe.
 *
 * @param <T> what one turn wants saved
 */
public final class CommitLane<T> {
  private final ArrayDeque<T> waiting = new ArrayDeque<>();
  private @Nullable Batch<T> underWay;
  private long sequence;
  private boolean closed;

  /**
   * The commits that go to the store together.
   *
   * @param sequence consecutive from 1 within the claim
   * @param sentBefore whether an earlier sending brought no answer, so that it may have been saved
   */
  public record Batch<T>(long sequence, List<T> commits, boolean sentBefore) {}

  /** The store's answer to a batch. */
  public enum Answer {
    ACCEPTED,
    ALREADY_APPLIED,
    FENCED,
    GAP
  }

  /** What became of commits. */
  public enum Fate {
    /** On a majority of disks. */
    SAVED,
    /** Certainly not saved, and never will be. */
    NOT_SAVED,
    /** Saved, or not, or later. */
    UNKNOWN
  }

  /** Commits and what became of them. */
  public record Settled<T>(Fate fate, List<T> commits) {}

  /** Takes a turn's changes, in the order of the turns. */
  public void offer(T commit) {
    Invariant.check(!closed, "a closed lane takes no commits");
    waiting.addLast(commit);
  }

  /** Whether nothing waits and nothing is under way. */
  public boolean quiet() {
    return waiting.isEmpty() && underWay == null;
  }

  /** The sequence number of the last batch that was sent; 0 before the first. */
  public long lastSequence() {
    return sequence;
  }

  public boolean isUnderWay() {
    return underWay != null;
  }

  /** The commit that is taken next, or null if none waits. */
  public @Nullable T first() {
    return waiting.peekFirst();
  }

  public int waiting() {
    return waiting.size();
  }

  /**
   * The next batch to send, or null if one is under way or nothing waits. At least one commit is taken, and more while
   * the sum of their sizes stays within the bound.
   */
  public @Nullable Batch<T> next(ToIntFunction<T> size, int sizeMax) {
    if (underWay != null || waiting.isEmpty() || closed) {
      return null;
    }
    List<T> commits = new ArrayList<>();
    int sum = 0;
    for (T head = waiting.peekFirst(); head != null; head = waiting.peekFirst()) {
      sum += size.applyAsInt(head);
      if (!commits.isEmpty() && sum > sizeMax) {
        break;
      }
      commits.add(waiting.removeFirst());
    }
    underWay = new Batch<>(++sequence, List.copyOf(commits), false);
    return underWay;
  }

  /** The batch under way brought no answer: send the returned one, which is the same. */
  public @Nullable Batch<T> unanswered() {
    if (underWay != null) {
      underWay = new Batch<>(underWay.sequence, underWay.commits, true);
    }
    return underWay;
  }

  /**
   * The batch under way was answered. After a fence or a gap the lane is closed, and {@link #close} tells the rest.
   *
   * @return what became of its commits
   */
  public Settled<T> answered(Answer answer) {
    Batch<T> batch = Invariant.present(underWay, "an answer belongs to a batch under way");
    underWay = null;
    Fate fate =
        switch (answer) {
          case ACCEPTED, ALREADY_APPLIED -> Fate.SAVED;
          case FENCED -> batch.sentBefore ? Fate.UNKNOWN : Fate.NOT_SAVED;
          case GAP -> Fate.UNKNOWN;
        };
    if (fate != Fate.SAVED) {
      closed = true;
    }
    return new Settled<>(fate, batch.commits);
  }

  /**
   * Ends the lane.
   *
   * @return what was under way, whose fate is unknown, and what still waited, which is certainly not saved
   */
  public List<Settled<T>> close() {
    closed = true;
    List<Settled<T>> ends = new ArrayList<>();
    if (underWay != null) {
      ends.add(new Settled<>(Fate.UNKNOWN, underWay.commits));
      underWay = null;
    }
    if (!waiting.isEmpty()) {
      ends.add(new Settled<>(Fate.NOT_SAVED, List.copyOf(waiting)));
      waiting.clear();
    }
    return ends;
  }
}
