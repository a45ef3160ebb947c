package dev.limpet.node.home;

import dev.limpet.Durable;
import dev.limpet.values.ValueType;

/** A saved cell. */
final class DurableSlot<T> extends CellSlot<T> implements Durable<T> {
  DurableSlot(Cells cells, String name, ValueType type, T value) {
    super(cells, name, type, value);
  }
}
