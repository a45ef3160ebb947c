package dev.limpet.node.home;

import dev.limpet.Memory;
import dev.limpet.values.ValueType;

/** A cell in memory. */
final class MemorySlot<T> extends CellSlot<T> implements Memory<T> {
  MemorySlot(Activation activation, String name, ValueType type, T value) {
    super(activation, name, type, value);
  }
}
