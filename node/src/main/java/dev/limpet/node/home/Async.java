package dev.limpet.node.home;

import dev.limpet.core.Invariant;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What happens when something later is done, without losing what goes wrong then. */
public final class Async {
  private static final System.Logger LOG = System.getLogger(Async.class.getName());

  private Async() {}

  /** Takes a result, or a failure. */
  @FunctionalInterface
  public interface Done<T> {
    void done(@Nullable T value, @Nullable Throwable failure);
  }

  /** Runs the action when the future is done, on the thread that completes it. */
  public static <T> void whenDone(CompletableFuture<T> future, Done<T> action) {
    CompletableFuture<T> unused =
        future.whenComplete((value, failure) -> {
          try {
            action.done(value, failure);
          } catch (RuntimeException | Error e) {
            failed("an answer could not be taken", e);
          }
        });
  }

  /** What went wrong, without what a future's further steps wrap around it. */
  public static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Something of the node's own went wrong: told, and if an invariant broke the node stops. */
  public static void failed(String what, Throwable e) {
    LOG.log(Level.ERROR, what, e);
    if (e instanceof Invariant.Broken) {
      Halt.now(what, e);
    }
  }
}
