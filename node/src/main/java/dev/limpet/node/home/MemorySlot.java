package dev.limpet.node.home;

import dev.limpet.Memory;
import org.jspecify.annotations.Nullable;

/** A cell in memory. */
final class MemorySlot<T> extends CellSlot<T> implements Memory<T> {
  private final T initial;

  MemorySlot(LiveCopy copy, Spec spec, T value, @Nullable CellSlot<?> next) {
    super(copy, spec, value, next);
    this.initial = value;
  }

  /** Whether it has another value than the one it was made with. */
  boolean wasSet() {
    return value() != initial;
  }
}
