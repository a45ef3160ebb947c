package dev.limpet.node.home;

import dev.limpet.values.ValueType;
import org.jspecify.annotations.Nullable;

/** What a cell of either kind holds: the value, and the value from before the turn. Touched only inside turns. */
abstract sealed class CellSlot<T> permits DurableSlot, MemorySlot {
  final Cells cells;
  final String name;
  final ValueType type;
  private T value;
  private @Nullable T before;
  private boolean changed;

  CellSlot(Cells cells, String name, ValueType type, T value) {
    this.cells = cells;
    this.name = name;
    this.type = type;
    this.value = value;
  }

  public final T get() {
    cells.checkInTurn(name);
    return value;
  }

  public final void set(T next) {
    cells.checkMayWrite(name);
    T own = Cells.own(name, type, next);
    if (!changed) {
      changed = true;
      before = value;
      cells.changed(this);
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
