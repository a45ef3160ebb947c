package dev.limpet.node.home;

import dev.limpet.values.ValueType;
import org.jspecify.annotations.Nullable;

/** A cell of either kind, with its value. Touched only inside turns. */
/*
 * There is one for each cell of each process in memory, so it keeps no more than it must: what its name and type are is
 * the same for all processes of a type, and the value from before a turn is kept by the turn's thread.
 */
abstract sealed class CellSlot<T> permits DurableSlot, MemorySlot {
  final LiveCopy copy;
  final Spec spec;

  /** The cell that was declared before this one. */
  final @Nullable CellSlot<?> next;

  private T value;

  /** Whether the turn that runs has changed it. */
  private boolean changed;

  /** What the cells of one name and one kind of value have in common. */
  record Spec(String name, Class<?> javaClass, ValueType type) {}

  CellSlot(LiveCopy copy, Spec spec, T value, @Nullable CellSlot<?> next) {
    this.copy = copy;
    this.spec = spec;
    this.value = value;
    this.next = next;
  }

  final String name() {
    return spec.name;
  }

  final ValueType type() {
    return spec.type;
  }

  public final T get() {
    TurnThread unused = copy.turnThread(this);
    return value;
  }

  public final void set(T next) {
    TurnThread turn = copy.turnThread(this);
    if (turn.onlyReads) {
      throw Cells.readOnly(turn, this);
    }
    T own = Cells.own(spec, next);
    if (!changed) {
      turn.changes(this, value);
      changed = true;
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

  final boolean isChanged() {
    return changed;
  }

  /** The turn is over; {@code before} is the value from before it, if that is to be the value again. */
  @SuppressWarnings("unchecked") // it was this cell's value
  final void end(@Nullable Object before) {
    changed = false;
    if (before != null) {
      value = (T) before;
    }
  }
}
