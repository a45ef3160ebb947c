package dev.limpet;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A reference to one process, with options for the calls made through it. Immutable, cheap, valid for ever: it names
 * the process and not a place.
 */
public interface Ref<P> {
  ProcessId id();

  /** The same reference, whose calls are answered within that time, with a result or a clear error. */
  Ref<P> withDeadline(Duration deadline);

  /**
   * The same reference, whose next call runs exactly once however often it is repeated with this key: the result is
   * saved with the state and given again. One key belongs to one call of one process; 1 to 128 visible ASCII characters.
   */
  Ref<P> withIdempotencyKey(String key);

  /** The process, to be called; calls block. */
  P get();

  /**
   * Makes a call on a virtual thread of its own.
   *
   * <pre>{@code limpet.ref(Wallet.class, "alice").async(w -> w.deposit(5))}</pre>
   */
  <R> CompletableFuture<R> async(Call<? super P, ? extends R> call);

  /** A call to make on a process. */
  @FunctionalInterface
  interface Call<P, R> {
    R on(P process) throws Exception;
  }
}
