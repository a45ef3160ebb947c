package dev.limpet.node;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.ProcessId;
import dev.limpet.Ref;
import dev.limpet.node.call.Calls;
import dev.limpet.node.home.HostedType;
import dev.limpet.node.home.Turn;
import dev.limpet.values.NearProcess;
import dev.limpet.values.NearTarget;
import dev.limpet.values.StickyType;
import dev.limpet.values.Thrown;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A reference, and what its stub calls. Immutable. */
final class NodeRef<P> implements Ref<P>, NearTarget {
  private final Calls calls;
  private final HostedType type;
  private final StickyType<P> sticky;
  private final ProcessId id;
  private final long deadlineNanos;
  private final @Nullable String key;

  /** The shard that the process is hashed into. The same for ever, so that a race only computes it twice. */
  private int hashed = Calls.SHARD_UNKNOWN;

  NodeRef(
      Calls calls,
      HostedType type,
      StickyType<P> sticky,
      ProcessId id,
      long deadlineNanos,
      @Nullable String key) {
    this.calls = calls;
    this.type = type;
    this.sticky = sticky;
    this.id = id;
    this.deadlineNanos = deadlineNanos;
    this.key = key;
  }

  @Override
  public ProcessId id() {
    return id;
  }

  @Override
  public Ref<P> withDeadline(Duration deadline) {
    if (deadline.isNegative() || deadline.isZero()) {
      throw new CallRefused(
          ErrorCode.INVALID_ARGUMENT, "a deadline is longer than zero; got " + deadline);
    }
    return new NodeRef<>(calls, type, sticky, id, deadline.toNanos(), key);
  }

  @Override
  public Ref<P> withIdempotencyKey(String newKey) {
    checkKey(newKey);
    return new NodeRef<>(calls, type, sticky, id, deadlineNanos, newKey);
  }

  static void checkKey(String key) {
    boolean good = !key.isEmpty() && key.length() <= 128;
    for (int i = 0; good && i < key.length(); i++) {
      good = key.charAt(i) > ' ' && key.charAt(i) <= '~';
    }
    if (!good) {
      throw new CallRefused(
          ErrorCode.INVALID_ARGUMENT,
          "an idempotency key is 1 to 128 visible ASCII characters without blanks");
    }
  }

  @Override
  public P get() {
    return sticky.stub(this);
  }

  @Override
  public <R> CompletableFuture<R> async(Call<? super P, ? extends R> call) {
    CompletableFuture<R> future = new CompletableFuture<>();
    @Nullable Turn turn = Turn.current();
    Runnable work =
        () -> {
          try {
            future.complete(call.on(get()));
          } catch (Throwable e) {
            // Errors of the caller's code too: nobody else would tell who waits for the future.
            future.completeExceptionally(e);
          }
        };
    Thread unused = Thread.startVirtualThread(turn == null ? work : () -> turn.lendTo(work));
    return future;
  }

  // The short way, of a stub whose process is on this node.

  @Override
  public @Nullable NearProcess near() {
    return key == null ? calls.near(id, hashed()) : null;
  }

  @Override
  public long timeoutNanos() {
    return deadlineNanos;
  }

  private int hashed() {
    int at = hashed;
    if (at == Calls.SHARD_UNKNOWN) {
      at = calls.hashedShardOf(id);
      hashed = at;
    }
    return at;
  }

  // The long way.

  @Override
  public @Nullable Object call(int methodIndex, @Nullable Object[] arguments) throws Exception {
    return call(methodIndex, arguments, System.nanoTime() + deadlineNanos);
  }

  @Override
  public @Nullable Object call(int methodIndex, @Nullable Object[] arguments, long deadline)
      throws Exception {
    Calls.Answer answer = calls.call(type, id, hashed(), methodIndex, arguments, deadline, key);
    if (answer.value() instanceof Thrown thrown) {
      throw Calls.rebuilt(type.method(methodIndex), thrown);
    }
    return answer.value();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NodeRef<?> ref && ref.id.equals(id) && ref.calls == calls;
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
