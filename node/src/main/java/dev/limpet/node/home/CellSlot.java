package dev.limpet.node.home;

import dev.limpet.values.ValueType;
import org.jspecify.annotations.Nullable;

/** What a cell of either kind holds: the value, and the value from before the turn. Touched only inside turns. */
abstract sealed class CellSlot<T> permits DurableSlot, MemorySlot {
  final Cells cells;
  final String name;
  final ValueType type;

  /** The cell that was declared before this one. */
  final @Nullable CellSlot<?> next;

  /** The cell that the turn changed before this one. */
  @Nullable CellSlot<?> nextChanged;

  private T value;
  private @Nullable T before;
  private boolean changed;

  CellSlot(Cells cells, String name, ValueType type, T value, @Nullable CellSlot<?> next) {
    this.cells = cells;
    this.name = name;
    this.type = type;
    this.value = value;
    this.next = next;
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
      nextChanged = cells.changed(this);
    }
    value = own;
  }

  /** The value to start with, in place of the one it was made with. */
  final void start(T first) {
    value = first;
  }

  final T value() {
    return value;
  }

  /** The turn is over: without {@code keep} the value is the one from before it. Returns the next changed cell. */
  final @Nullable CellSlot<?> end(boolean keep) {
    T old = before;
    if (!keep && old != null) {
      value = old;
    }
    CellSlot<?> following = nextChanged;
    nextChanged = null;
    before = null;
    changed = false;
    return following;
  }
}
