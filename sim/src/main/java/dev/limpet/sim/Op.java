package dev.limpet.sim;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One operation of a client: what it asked for, and what it was told. */
final class Op {
  enum Kind {
    ADD,
    GET
  }

  /** What a caller is told. */
  sealed interface Answer {
    record Ok(long value) implements Answer {}

    /** Certainly not run, now or later. */
    record NotRun(String why) implements Answer {}

    /** It may have run, or run later. */
    record Unknown(String why) implements Answer {}
  }

  final long id;
  final Kind kind;
  final String key;

  /** Empty: at most once. Operations that share one are tries of the same. */
  final String idempotencyKey;

  final long invokedAt;
  final long deadline;
  @Nullable Answer answer;
  long answeredAt;

  Op(long id, Kind kind, String key, String idempotencyKey, long invokedAt, long deadline) {
    this.id = id;
    this.kind = kind;
    this.key = key;
    this.idempotencyKey = idempotencyKey;
    this.invokedAt = invokedAt;
    this.deadline = deadline;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "op%d %s %s%s",
        id,
        kind,
        key,
        idempotencyKey.isEmpty() ? "" : " as " + idempotencyKey);
  }
}
