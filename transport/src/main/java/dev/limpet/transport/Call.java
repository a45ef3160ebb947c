package dev.limpet.transport;

import dev.limpet.transport.LinkException.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One request that waits for its answer. Whoever removes it from its {@link Calls} ends it, so it ends once. Knows where
 * its frame lies in the outgoing bytes, so that its failure can be honest about whether it left.
 */
abstract sealed class Call {
  final long deadlineNanos; // by System.nanoTime
  long id; // set by Calls

  // Where the frame lies; written and read under the FrameWriter's lock.
  long startsAt = Long.MAX_VALUE;
  long endsAt = Long.MAX_VALUE;
  @Nullable Chunk chunk;
  int typeAt;
  boolean takenBack; // failed before it was appended: do not append it

  Call(long deadlineNanos) {
    this.deadlineNanos = deadlineNanos;
  }

  /** Whether it belongs to these requests. */
  boolean isOf(Bundle bundle) {
    return false;
  }

  abstract void succeed(byte[] reply);

  abstract void fail(Reason reason, boolean mayHaveRun, String message);

  /** Completes a future, on the thread that brought the answer. */
  static final class Promised extends Call {
    final CompletableFuture<byte[]> future = new CompletableFuture<>();

    Promised(long deadlineNanos) {
      super(deadlineNanos);
    }

    @Override
    void succeed(byte[] reply) {
      future.complete(reply);
    }

    @Override
    void fail(Reason reason, boolean mayHaveRun, String message) {
      future.completeExceptionally(new LinkException(reason, mayHaveRun, message));
    }
  }

  /** Parks its caller: this object, and nothing else, is what a blocking call allocates before its reply. */
  static final class Parked extends Call {
    private record Failure(Reason reason, boolean mayHaveRun, String message) {}

    private final Thread caller = Thread.currentThread();
    private volatile @Nullable Object outcome; // byte[] or Failure

    private final @Nullable Bundle bundle;

    Parked(long deadlineNanos, @Nullable Bundle bundle) {
      super(deadlineNanos);
      this.bundle = bundle;
    }

    @Override
    boolean isOf(Bundle other) {
      return bundle == other;
    }

    /** Whether nobody wants the answer any more. */
    boolean isGivenUp() {
      return bundle != null && bundle.isOver();
    }

    @Override
    void succeed(byte[] reply) {
      outcome = reply;
      LockSupport.unpark(caller);
    }

    @Override
    void fail(Reason reason, boolean mayHaveRun, String message) {
      outcome = new Failure(reason, mayHaveRun, message);
      LockSupport.unpark(caller);
    }

    boolean ended() {
      return outcome != null;
    }

    /** The outcome, thrown here so that the trace is the caller's own. */
    byte[] result() {
      Object end = outcome;
      if (end instanceof byte[] reply) {
        return reply;
      }
      if (end instanceof Failure failure) {
        throw new LinkException(failure.reason, failure.mayHaveRun, failure.message);
      }
      throw new IllegalStateException("call has not ended");
    }
  }
}
