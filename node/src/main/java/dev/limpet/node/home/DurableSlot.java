package dev.limpet.node.home;

import dev.limpet.Durable;
import org.jspecify.annotations.Nullable;

/** A saved cell. */
final class DurableSlot<T> extends CellSlot<T> implements Durable<T> {
  DurableSlot(LiveCopy copy, Spec spec, T value, @Nullable CellSlot<?> next) {
    super(copy, spec, value, next);
  }
}
