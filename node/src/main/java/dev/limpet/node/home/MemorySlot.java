package dev.limpet.node.home;

import dev.limpet.Memory;
import dev.limpet.values.ValueType;
import org.jspecify.annotations.Nullable;

/** A cell in memory. */
final class MemorySlot<T> extends CellSlot<T> implements Memory<T> {
  MemorySlot(Cells cells, String name, ValueType type, T value, @Nullable CellSlot<?> next) {
    super(cells, name, type, value, next);
  }
}
