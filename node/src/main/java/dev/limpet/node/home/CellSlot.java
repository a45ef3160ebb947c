package dev.limpet.node.home;

import dev.limpet.CellMisused;
import dev.limpet.ErrorCode;
import dev.limpet.values.ValueRefused;
import dev.limpet.values.ValueType;
import org.jspecify.annotations.Nullable;

/** What a cell of either kind holds: the value, and the value from before the turn. Touched only inside turns. */
abstract sealed class CellSlot<T> permits DurableSlot, MemorySlot {
  final Activation activation;
  final String name;
  final ValueType type;
  private T value;
  private @Nullable T before;
  private boolean changed;

  CellSlot(Activation activation, String name, ValueType type, T value) {
    this.activation = activation;
    this.name = name;
    this.type = type;
    this.value = value;
  }

  public final T get() {
    activation.checkInTurn(name);
    return value;
  }

  @SuppressWarnings("unchecked") // isolate returns an equal value of the same type
  public final void set(T next) {
    activation.checkMayWrite(name);
    T own;
    try {
      own = (T) type.isolate(next);
    } catch (ValueRefused e) {
      throw new CellMisused(
          ErrorCode.CELL_MISUSED, "cell " + name + " cannot hold this value: " + e.getMessage());
    }
    if (own == null) {
      throw new CellMisused(ErrorCode.CELL_MISUSED, "cell " + name + " cannot hold null");
    }
    if (!changed) {
      changed = true;
      before = value;
      activation.changed(this);
    }
    value = own;
  }

  final T value() {
    return value;
  }

  /** The turn is over and its changes stand. */
  final void keep() {
    changed = false;
    before = null;
  }

  /** The turn threw: the value from before it. */
  final void restore() {
    T old = before;
    if (changed && old != null) {
      value = old;
    }
    keep();
  }
}
