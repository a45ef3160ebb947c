package dev.limpet.ledger.ratis;

import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/*
 * The appends under way on this replica.
 *
 * Ratis answers "not leader" both to an entry that it never took and to one that is already in its log when the leader
 * steps down, and that may well be committed by the next. Only the first may be called "surely not appended". The
 * difference is whether the entry reached the log, which Ratis tells the state machine right before.
 */
final class Attempts {
  static final class Attempt {
    final long callId;
    final long begunNanos;
    final CompletableFuture<Applied> answer = new CompletableFuture<>();
    volatile boolean appended;

    Attempt(long callId, long begunNanos) {
      this.callId = callId;
      this.begunNanos = begunNanos;
    }
  }

  private final ConcurrentHashMap<Long, Attempt> open = new ConcurrentHashMap<>();
  private final AtomicLong calls = new AtomicLong();

  Attempt begin(long nowNanos) {
    var attempt = new Attempt(calls.incrementAndGet(), nowNanos);
    open.put(attempt.callId, attempt);
    return attempt;
  }

  void appending(long callId) {
    var attempt = open.get(callId);
    if (attempt != null) {
      attempt.appended = true;
    }
  }

  void end(Attempt attempt) {
    open.remove(attempt.callId);
  }

  /** Answers all that a closed log left open. */
  void failAll(String message) {
    open.values().forEach(attempt -> fail(attempt, message));
  }

  /** Answers this one, if it was not answered. */
  void fail(Attempt attempt, String message) {
    if (!attempt.answer.isDone()) {
      attempt.answer.completeExceptionally(new LogException(message, attempt.appended));
    }
    end(attempt);
  }

  /** How long the oldest entry in the log waits; 0 when none does. */
  long oldestNanos(long nowNanos) {
    long oldest = 0;
    for (var attempt : open.values()) {
      if (attempt.appended) {
        oldest = Math.max(oldest, nowNanos - attempt.begunNanos);
      }
    }
    return oldest;
  }
}
