package dev.limpet.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Whether what callers saw of one object could have come from one copy of it that runs one call at a time. */
/*
 * The search of Wing and Gong with Lowe's memory of what was tried before: take any call that began before the first
 * answer that is still ahead, see whether the object could have answered so, and go on; else go back. A call without an
 * answer may have taken effect at any time after it began, or never. A history is of one object: histories of several
 * are checked one by one.
 */
public final class Linearizability {
  /** The time of an answer that never came. */
  public static final long NEVER = Long.MAX_VALUE;

  private Linearizability() {}

  /** One call: what was asked and answered, and when. */
  public record Call<A>(long invokedAt, long answeredAt, A action) {}

  /** What the search has found. */
  public enum Verdict {
    YES,
    NO,
    /** The search was too long: nothing is known, and nobody may take that for a yes. */
    UNKNOWN
  }

  /** One end of a call, in the order of time. */
  private static final class Entry<A> {
    final int call;
    final Call<A> of;
    final boolean answer;
    @Nullable Entry<A> previous;
    @Nullable Entry<A> next;
    @Nullable Entry<A> match;

    Entry(int call, Call<A> of, boolean answer) {
      this.call = call;
      this.of = of;
      this.answer = answer;
    }

    long at() {
      return answer ? of.answeredAt : of.invokedAt;
    }

    void unlink() {
      if (previous != null) {
        previous.next = next;
      }
      if (next != null) {
        next.previous = previous;
      }
    }

    void relink() {
      if (previous != null) {
        previous.next = this;
      }
      if (next != null) {
        next.previous = this;
      }
    }
  }

  private record Taken<S, A>(Entry<A> entry, S before) {}

  private record Tried<S>(BitSet calls, S state) {}

  /**
   * Searches.
   *
   * @param step the state after an action, or null if the object could not have answered so in that state
   * @param stepsMax after how many steps it gives up
   */
  public static <S, A> Verdict check(
      S initial, BiFunction<S, A, @Nullable S> step, List<Call<A>> history, long stepsMax) {
    Entry<A> head = entries(history);
    long open = history.stream().filter(c -> c.answeredAt != NEVER).count();
    S state = initial;
    BitSet taken = new BitSet(history.size());
    Set<Tried<S>> tried = new HashSet<>();
    ArrayDeque<Taken<S, A>> path = new ArrayDeque<>();
    @Nullable Entry<A> at = head.next;
    for (long steps = 0; open > 0; steps++) {
      if (steps > stepsMax) {
        return Verdict.UNKNOWN;
      }
      S after = at == null || at.answer ? null : step.apply(state, at.of.action);
      if (at != null && after != null) {
        taken.set(at.call);
        if (tried.add(new Tried<>((BitSet) taken.clone(), after))) {
          path.push(new Taken<>(at, state));
          state = after;
          at.unlink();
          if (at.match != null) {
            at.match.unlink();
            open--;
          }
          at = head.next;
          continue;
        }
        taken.clear(at.call);
      }
      if (at != null && !at.answer) {
        at = at.next;
        continue;
      }
      // An answer that is still ahead, or the end: something before it was taken wrongly.
      if (path.isEmpty()) {
        return Verdict.NO;
      }
      Taken<S, A> last = path.pop();
      at = last.entry;
      state = last.before;
      taken.clear(at.call);
      if (at.match != null) {
        at.match.relink();
        open++;
      }
      at.relink();
      at = at.next;
    }
    return Verdict.YES;
  }

  private static <A> Entry<A> entries(List<Call<A>> history) {
    List<Entry<A>> all = new ArrayList<>();
    for (int i = 0; i < history.size(); i++) {
      Call<A> c = history.get(i);
      Entry<A> begin = new Entry<>(i, c, false);
      all.add(begin);
      if (c.answeredAt != NEVER) {
        begin.match = new Entry<>(i, c, true);
        all.add(begin.match);
      }
    }
    // What begins at the moment of an answer may come before it.
    all.sort(Comparator.comparingLong((Entry<A> e) -> e.at()).thenComparing(e -> e.answer));
    Entry<A> head = new Entry<>(-1, new Call<>(0, NEVER, all.getFirst().of.action), false);
    Entry<A> last = head;
    for (Entry<A> e : all) {
      last.next = e;
      e.previous = last;
      last = e;
    }
    return head;
  }
}
