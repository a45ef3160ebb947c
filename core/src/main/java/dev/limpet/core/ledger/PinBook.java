package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The pins that the ledger holds, and the last number that one of them, or a range, was given. Not thread-safe. */
final class PinBook {
  private final TreeMap<Integer, Pin> byNumber = new TreeMap<>();
  private int lastNumber;

  /** What {@link #all} gave out, until something changes. */
  private @Nullable Pins copy = Pins.NONE;

  Pins all() {
    Pins known = copy;
    if (known == null) {
      known = new Pins(byNumber);
      copy = known;
    }
    return known;
  }

  Set<Integer> numbers() {
    return byNumber.keySet();
  }

  int lastNumber() {
    return lastNumber;
  }

  @Nullable Pin numbered(int number) {
    return byNumber.get(number);
  }

  @Nullable Pin of(ProcessId id) {
    return all().of(id);
  }

  /**
   * A new pin, with a number that none ever had.
   *
   * @param commonShards how many there are: pins are numbered above them
   */
  Pin add(int commonShards, ProcessId id, int hashed, ShardHome at) {
    Pin pin = new Pin(reserve(commonShards, 1), id, hashed, false, at);
    put(pin);
    return pin;
  }

  /** Takes that many numbers which no shard ever had; returns the first. */
  int reserve(int commonShards, int count) {
    int first = Math.max(commonShards, lastNumber + 1);
    lastNumber = first + count - 1;
    return first;
  }

  void put(Pin pin) {
    byNumber.put(pin.number(), pin);
    copy = null;
  }

  void remove(int number) {
    byNumber.remove(number);
    copy = null;
  }

  void restore(int last, List<Pin> pins) {
    lastNumber = last;
    pins.forEach(this::put);
  }
}
