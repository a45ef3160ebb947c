package dev.limpet.core.ledger;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The types that have shards of their own, as of one ledger index. Immutable. */
public final class Ranges {
  public static final Ranges NONE = new Ranges(List.of());

  private final List<ShardRange> all;
  private final int shards;

  /** Only ever asked for one, never walked: its order is random. */
  private final Map<String, ShardRange> byType = new HashMap<>();

  Ranges(List<ShardRange> all) {
    this.all = List.copyOf(all);
    this.shards = all.stream().mapToInt(ShardRange::count).sum();
    all.forEach(r -> byType.put(r.type(), r));
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** In the order of their numbers. */
  public List<ShardRange> all() {
    return all;
  }

  /** How many shards all of them have. */
  public int shards() {
    return shards;
  }

  /** The range of a type; null if its processes are in the common shards. */
  public @Nullable ShardRange of(String type) {
    return all.isEmpty() ? null : byType.get(type);
  }

  /** The range that a shard belongs to; null for a common one, and for a pin's. */
  public @Nullable ShardRange holding(int shard) {
    for (ShardRange range : all) {
      if (range.contains(shard)) {
        return range;
      }
    }
    return null;
  }

  /** How many shards of ranges have a lower number; -1 if that one is in no range. */
  int indexOf(int shard) {
    int before = 0;
    for (ShardRange range : all) {
      if (range.contains(shard)) {
        return before + shard - range.first();
      }
      before += range.count();
    }
    return -1;
  }
}
