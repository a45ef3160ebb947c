package dev.limpet.node.home;

import dev.limpet.Memory;
import dev.limpet.values.ValueType;
import org.jspecify.annotations.Nullable;

/** A cell in memory. */
final class MemorySlot<T> extends CellSlot<T> implements Memory<T> {
  private final T initial;

  MemorySlot(Cells cells, String name, ValueType type, T value, @Nullable CellSlot<?> next) {
    super(cells, name, type, value, next);
    this.initial = value;
  }

  /** Whether it has another value than the one it was made with. */
  boolean wasSet() {
    return value() != initial;
  }

  /** The value that it had at the former home. */
  void arrive(T value) {
    start(value);
  }
}
