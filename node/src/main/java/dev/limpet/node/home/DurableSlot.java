package dev.limpet.node.home;

import dev.limpet.Durable;
import dev.limpet.values.ValueType;
import org.jspecify.annotations.Nullable;

/** A saved cell. */
final class DurableSlot<T> extends CellSlot<T> implements Durable<T> {
  DurableSlot(Cells cells, String name, ValueType type, T value, @Nullable CellSlot<?> next) {
    super(cells, name, type, value, next);
  }
}
