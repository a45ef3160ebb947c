package dev.limpet.store.embedded;

import dev.limpet.ProcessId;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Where an {@link EmbeddedStore} reads: a replica on this node, or those of others. Thread-safe. */
@FunctionalInterface
public interface StoreReads {
  /** The saved columns of a process, from a replica that has applied at least that entry; fails if none has in time. */
  CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast);
}
