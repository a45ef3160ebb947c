package dev.limpet.node.home;

import dev.limpet.ProcessId;
import org.jspecify.annotations.Nullable;

/**
 * A call on its way to a turn. The arguments are already the process's own (isolated or decoded).
 *
 * @param epoch the epoch that the caller believes the shard to be at home here under, 0 if it is on this node itself
 * @param deadlineNanos as of {@code System.nanoTime}
 * @param key the idempotency key, if any
 * @param chain the turns that the call comes out of, if any
 */
public record Call(
    HostedType type,
    ProcessId id,
    int shard,
    long epoch,
    int method,
    @Nullable Object[] arguments,
    long deadlineNanos,
    @Nullable String key,
    @Nullable Chain chain) {}
