package dev.limpet.sim;

import dev.limpet.sim.Linearizability.Call;
import dev.limpet.sim.Linearizability.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the callers of one counter saw, and whether one counter can have answered so. */
final class History {
  private static final long STEPS_MAX = 2_000_000;

  private final List<Call<Act>> calls = new ArrayList<>();

  /**
   * A call of a counter.
   *
   * @param repeats whether another call saved under its idempotency key, so that it was given that one's answer
   * @param result what it was told, or is known to have saved
   */
  private record Act(Op.Kind kind, String idempotencyKey, boolean repeats, long result) {}

  private record Counter(long value, Map<String, Long> results) {
    @Nullable Counter after(Act act) {
      if (act.kind == Op.Kind.GET) {
        return act.result == value ? this : null;
      }
      Long known = results.get(act.idempotencyKey);
      if (act.repeats) {
        return known != null && act.result == known ? this : null;
      }
      if (known != null || act.result != value + 1) {
        return null;
      }
      if (act.idempotencyKey.isEmpty()) {
        return new Counter(value + 1, results);
      }
      TreeMap<String, Long> more = new TreeMap<>(results);
      more.put(act.idempotencyKey, value + 1);
      return new Counter(value + 1, Collections.unmodifiableMap(more));
    }
  }

  /**
   * Takes a call and what came of it. One whose outcome its caller never learned is settled by the store: either it was
   * saved, at some time after it began, or it did nothing.
   *
   * @param saved the value that the store holds as its, or null
   */
  void add(Op op, @Nullable Long saved) {
    if (op.answer instanceof Op.Answer.Ok ok) {
      calls.add(
          new Call<>(
              op.invokedAt,
              op.answeredAt,
              new Act(
                  op.kind,
                  op.idempotencyKey,
                  saved == null && !op.idempotencyKey.isEmpty(),
                  ok.value())));
    } else if (saved != null) {
      calls.add(
          new Call<>(
              op.invokedAt,
              Linearizability.NEVER,
              new Act(op.kind, op.idempotencyKey, false, saved)));
    }
  }

  Verdict verdict() {
    return calls.isEmpty()
        ? Verdict.YES
        : Linearizability.check(new Counter(0, Map.of()), Counter::after, calls, STEPS_MAX);
  }
}
