package dev.limpet.store.embedded;

import dev.limpet.ProcessId;
import dev.limpet.engine.Store.Change;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.Part;
import dev.limpet.engine.StoreWire;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An endless list of entries that depends on a seed only: claims, commits, repeats, late and malformed ones. */
final class Workload {
  static final int SHARDS = 5;

  private final long seed;

  Workload(long seed) {
    this.seed = seed;
  }

  /** The entry at an index; the same for the same index, each time. */
  byte[] entry(long index) {
    Random random = new Random(seed * 1_000_003 + index);
    random.nextInt();
    // Claims come every 16 entries, so that an entry can tell without history which claim stands
    // and how far it is.
    long epoch = 1 + index / 16;
    int step = (int) (index % 16);
    if (step == 0 || index == 1) {
      List<Claim> claims = new ArrayList<>();
      for (int shard = 0; shard < SHARDS; shard++) {
        claims.add(new Claim(shard, epoch, 1, 100 + epoch));
      }
      return StoreWire.encodeClaims(claims);
    }
    if (random.nextInt(40) == 0) {
      return new byte[] {9, 1, 0, 0, 0, 0};
    }
    List<Part> parts = new ArrayList<>();
    for (int shard = 0; shard < SHARDS; shard++) {
      long late = random.nextInt(20) == 0 ? Math.max(1, epoch - 1) : epoch;
      parts.add(new Part(shard, late, 1, Math.max(1, step - random.nextInt(3)), changes(random)));
    }
    return StoreWire.encodeCommit(parts);
  }

  private static List<Change> changes(Random random) {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ProcessId id = new ProcessId(random.nextBoolean() ? "a" : "ab", "k" + random.nextInt(60));
      byte[] value = new byte[random.nextInt(300)];
      random.nextBytes(value);
      changes.add(new Change(id, "c" + random.nextInt(4), random.nextInt(4) == 0 ? null : value));
    }
    return changes;
  }
}
