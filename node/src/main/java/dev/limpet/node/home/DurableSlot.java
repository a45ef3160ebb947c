package dev.limpet.node.home;

import dev.limpet.Durable;
import dev.limpet.values.ValueType;

/** A saved cell. */
final class DurableSlot<T> extends CellSlot<T> implements Durable<T> {
  DurableSlot(Activation activation, String name, ValueType type, T value) {
    super(activation, name, type, value);
  }
}
