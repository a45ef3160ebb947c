package dev.limpet.node.home;

import dev.limpet.core.home.HomeShard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The slots of the shards, by number: of all hashed ones, and of the pins that are at home here. Anyone may read; changed
 * under the lock of {@link LocalShards} only.
 */
final class SlotTable {
  /** How long a shard that is about to move waits for its turns to end before it goes on serving for a while. */
  static final long QUIET_WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** By number; null where that is no hashed shard's. */
  private volatile @Nullable Slot[] hashed = new Slot[0];

  private final Map<Integer, Slot> pins = new ConcurrentHashMap<>();

  @Nullable Slot get(int shard) {
    @Nullable Slot[] all = hashed;
    Slot slot = shard < all.length ? all[shard] : null;
    return slot == null ? pins.get(shard) : slot;
  }

  List<Slot> all() {
    List<Slot> all = hashed();
    all.addAll(pins.values());
    return all;
  }

  List<Slot> hashed() {
    List<Slot> some = new ArrayList<>();
    for (Slot slot : hashed) {
      if (slot != null) {
        some.add(slot);
      }
    }
    return some;
  }

  List<Slot> pins() {
    return List.copyOf(pins.values());
  }

  /** There are hashed shards of these numbers; those that had a slot keep it. */
  void grow(List<Integer> numbers) {
    @Nullable Slot[] before = hashed;
    if (numbers.stream().allMatch(s -> s < before.length && before[s] != null)) {
      return;
    }
    int last = numbers.stream().mapToInt(s -> s).max().orElseThrow();
    @Nullable Slot[] grown = Arrays.copyOf(before, Math.max(before.length, last + 1));
    for (int s : numbers) {
      if (grown[s] == null) {
        grown[s] = fresh(s);
      }
    }
    hashed = grown;
  }

  /** The slot of a pin that comes here. */
  Slot addPin(int number) {
    Slot slot = fresh(number);
    pins.put(number, slot);
    return slot;
  }

  void removePin(int number) {
    pins.remove(number);
  }

  /** Nothing is here any more. */
  void reset() {
    @Nullable Slot[] fresh = hashed.clone();
    for (int s = 0; s < fresh.length; s++) {
      fresh[s] = fresh[s] == null ? null : fresh(s);
    }
    hashed = fresh;
    pins.clear();
  }

  private static Slot fresh(int number) {
    return new Slot(new HomeShard(number, QUIET_WITHIN_NANOS));
  }
}
