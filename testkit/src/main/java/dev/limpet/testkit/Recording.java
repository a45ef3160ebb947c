package dev.limpet.testkit;

import dev.limpet.sim.Linearizability;
import dev.limpet.sim.Linearizability.Call;
import dev.limpet.sim.Linearizability.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the callers of one process asked and were told, and whether one process can have answered so. Thread-safe. */
final class Recording<S> {
  private static final long STEPS_MAX = 3_000_000;
  private static final int SHOWN = 12;

  final String key;

  // Guarded by this.
  private final List<Call<Act<S>>> calls = new ArrayList<>();
  private int answers;
  private int notRun;
  private int unknown;

  /** A call that has begun. */
  record Open<S>(long invokedAt, String name, Function<S, Expected<S>> model) {}

  /**
   * A call and what is known of it.
   *
   * @param told the answer, if there was one
   */
  private record Act<S>(String name, Function<S, Expected<S>> model, @Nullable Told told) {
    @Nullable S after(S state) {
      Expected<S> expected = model.apply(state);
      return told == null || told.fits(expected) ? expected.state() : null;
    }

    @Override
    public String toString() {
      return name + " -> " + (told == null ? "unknown" : told);
    }
  }

  private record Told(@Nullable Object answer, @Nullable Exception thrown) {
    boolean fits(Expected<?> expected) {
      Class<? extends Exception> exception = expected.thrown();
      return exception == null
          ? thrown == null && Objects.deepEquals(answer, expected.answer())
          : exception.isInstance(thrown);
    }

    @Override
    public String toString() {
      return thrown == null ? String.valueOf(answer) : thrown.toString();
    }
  }

  Recording(String key) {
    this.key = key;
  }

  Open<S> begin(String name, Function<S, Expected<S>> model) {
    return new Open<>(System.nanoTime(), name, model);
  }

  void answered(Open<S> open, @Nullable Object answer, @Nullable Exception thrown) {
    long now = System.nanoTime();
    synchronized (this) {
      answers++;
      add(open, now, new Told(answer, thrown));
    }
  }

  synchronized void notRun(Open<S> open) {
    notRun++;
  }

  synchronized void unknownRead(Open<S> open) {
    unknown++;
  }

  synchronized void unknown(Open<S> open) {
    unknown++;
    add(open, Linearizability.NEVER, null);
  }

  private void add(Open<S> open, long answeredAt, @Nullable Told told) {
    calls.add(new Call<>(open.invokedAt, answeredAt, new Act<>(open.name, open.model, told)));
  }

  synchronized int answers() {
    return answers;
  }

  synchronized int notRun() {
    return notRun;
  }

  synchronized int unknown() {
    return unknown;
  }

  /** What is wrong with it, in words; null if nothing is. */
  synchronized @Nullable String objection(S initial) {
    return switch (verdict(initial, calls)) {
      case YES -> null;
      case NO -> explain(initial);
      case UNKNOWN ->
          "whether the answers of "
              + key
              + " are right could not be decided in time: use more keys, fewer callers, or calls that return the new state";
    };
  }

  private static <S> Verdict verdict(S initial, List<Call<Act<S>>> history) {
    return history.isEmpty()
        ? Verdict.YES
        : Linearizability.check(initial, (S s, Act<S> a) -> a.after(s), history, STEPS_MAX);
  }

  /** The last calls up to the first answer that no longer fits. */
  private String explain(S initial) {
    List<Call<Act<S>>> byAnswer =
        calls.stream()
            .sorted(Comparator.comparingLong((Call<Act<S>> c) -> c.answeredAt()))
            .toList();
    int fits = 0;
    int fails = byAnswer.size();
    while (fails - fits > 1) {
      int middle = (fits + fails) >>> 1;
      if (verdict(initial, until(byAnswer.get(middle - 1).answeredAt())) == Verdict.NO) {
        fails = middle;
      } else {
        fits = middle;
      }
    }
    long end = byAnswer.get(fails - 1).answeredAt();
    long start = calls.stream().mapToLong(Call::invokedAt).min().orElse(0);
    StringBuilder text =
        new StringBuilder("the answers of ")
            .append(key)
            .append(" cannot have come from one process that runs one call at a time.")
            .append(" The last of these does not fit, times in ms:");
    byAnswer.stream()
        .filter(c -> c.answeredAt() <= end)
        .skip(Math.max(0, fails - SHOWN))
        .forEach(c -> line(text, c, start));
    calls.stream()
        .filter(c -> c.answeredAt() == Linearizability.NEVER && c.invokedAt() < end)
        .forEach(c -> line(text, c, start));
    return text.toString();
  }

  /** The history as it was known at a time. */
  private List<Call<Act<S>>> until(long end) {
    return calls.stream()
        .filter(c -> c.invokedAt() <= end)
        .map(c ->
            c.answeredAt() <= end
                ? c
                : new Call<>(
                    c.invokedAt(),
                    Linearizability.NEVER,
                    new Act<>(c.action().name(), c.action().model(), null)))
        .toList();
  }

  private static <S> void line(StringBuilder text, Call<Act<S>> call, long start) {
    text.append("\n  ")
        .append((call.invokedAt() - start) / 1_000_000)
        .append(
            call.answeredAt() == Linearizability.NEVER
                ? ""
                : " to " + (call.answeredAt() - start) / 1_000_000)
        .append(": ")
        .append(call.action());
  }
}
