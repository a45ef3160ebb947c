package dev.limpet.node.home;

import dev.limpet.StartFailed;
import dev.limpet.values.ValueRefused;
import java.lang.System.Logger.Level;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The cells that a process declares while it is being constructed, and the values that they begin with. */
final class CellDeclarations {
  private final LiveCopy copy;
  private final Map<String, byte[]> saved;
  private final Map<String, byte[]> moved;
  private @Nullable CellSlot<?> last;

  /**
   * Nothing is declared yet.
   *
   * @param saved from which durable cells take their values
   * @param moved from which memory cells do, after a planned move
   */
  CellDeclarations(LiveCopy copy, Map<String, byte[]> saved, Map<String, byte[]> moved) {
    this.copy = copy;
    this.saved = saved;
    this.moved = moved;
  }

  /** All of them, the last declared first; null if there are none. */
  @Nullable CellSlot<?> cells() {
    return last;
  }

  <T> DurableSlot<T> durable(String name, Class<T> cellType, T initial) {
    CellSlot.Spec spec = spec(name, cellType);
    byte[] bytes = saved.isEmpty() ? null : saved.get(Cells.column(name));
    T value = bytes == null ? Cells.own(spec, initial) : Cells.decode(spec, bytes);
    DurableSlot<T> slot = new DurableSlot<>(copy, spec, value, last);
    last = slot;
    return slot;
  }

  <T> MemorySlot<T> memory(String name, Class<T> cellType, T initial) {
    CellSlot.Spec spec = spec(name, cellType);
    MemorySlot<T> slot = new MemorySlot<>(copy, spec, Cells.own(spec, initial), last);
    byte[] bytes = moved.isEmpty() ? null : moved.get(name);
    if (bytes != null) {
      arrive(slot, bytes);
    }
    last = slot;
    return slot;
  }

  /** A value that came along in a move; one that this version of the application cannot read is as in a crash. */
  private <T> void arrive(MemorySlot<T> slot, byte[] bytes) {
    try {
      slot.start(Cells.decode(slot.spec, bytes));
    } catch (ValueRefused e) {
      copy.type()
          .logger()
          .log(
              Level.WARNING,
              "the memory cell {0} of {1} came along in a move and cannot be read here: {2}",
              slot.name(),
              copy.id,
              e.getMessage());
    }
  }

  private CellSlot.Spec spec(String name, Class<?> cellType) {
    for (CellSlot<?> slot = last; slot != null; slot = slot.next) {
      if (slot.name().equals(name)) {
        throw Cells.misused("cell " + name + " was declared twice by " + copy.id);
      }
    }
    try {
      return copy.type().cell(name, cellType);
    } catch (StartFailed e) {
      throw Cells.misused(
          "cell " + name + " cannot be a " + cellType.getName() + ": " + e.getMessage());
    }
  }
}
