package dev.limpet.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ProcessId;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.Part;
import dev.limpet.engine.StoreWire;
import dev.limpet.engine.memory.MemoryStore;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the entries of a {@link Workload} come to, in memory. */
final class ModelState {
  private final Workload workload;
  private final MemoryStore store = new MemoryStore();
  private long index;

  ModelState(Workload workload) {
    this.workload = workload;
  }

  void advanceTo(long to) {
    while (index < to) {
      try {
        switch (StoreWire.decode(workload.entry(++index))) {
          case StoreWire.Entry.Claims(List<Claim> claims) ->
              assertThat(store.claim(claims).join()).isNotEmpty();
          case StoreWire.Entry.Commit commit -> {
            List<Part> parts = StoreWire.decodeParts(commit.parts());
            assertThat(store.commit(parts).join().replies()).hasSameSizeAs(parts);
          }
        }
      } catch (StoreWire.Malformed e) {
        assertThat(e).as("a malformed entry changes nothing").isNotNull();
      }
    }
  }

  /** Every column of every process is the same on both sides. */
  void assertSameAs(RocksStateMachine machine, String where) throws IOException {
    int found = 0;
    for (int shard = 0; shard < Workload.SHARDS; shard++) {
      for (String type : List.of("a", "ab")) {
        List<ProcessId> ids = store.scan(shard, type, 10_000);
        assertThat(machine.scan(shard, type, 10_000))
            .as(where)
            .containsExactlyInAnyOrderElementsOf(ids);
        for (ProcessId id : ids) {
          assertThat(text(machine.load(shard, id)))
              .as(where)
              .isEqualTo(text(store.load(shard, id, 0).join()));
          found++;
        }
      }
    }
    assertThat(found > 0 || index < 10).as(where + ": the model is not empty at " + index).isTrue();
  }

  private static Map<String, String> text(Map<String, byte[]> columns) {
    Map<String, String> text = new TreeMap<>();
    columns.forEach((column, value) -> text.put(column, Arrays.toString(value)));
    return text;
  }
}
