package dev.limpet.node.home;

import dev.limpet.ProcessId;
import org.jspecify.annotations.Nullable;

/**
 * A call on its way to a turn. The arguments are already the process's own (isolated or decoded).
 *
 * @param deadlineNanos as of {@code System.nanoTime}
 * @param key the idempotency key, if any
 * @param chain the turns that the call comes out of, if any
 */
public record Call(
    HostedType type,
    ProcessId id,
    int shard,
    int method,
    @Nullable Object[] arguments,
    long deadlineNanos,
    @Nullable String key,
    @Nullable Chain chain) {}
