package dev.limpet.node.home;

import dev.limpet.CellMisused;
import dev.limpet.ErrorCode;
import dev.limpet.engine.Store;
import dev.limpet.values.ValueRefused;
import dev.limpet.values.Values;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is done with the cells of a process besides reading and setting them; all of it under the turn lock. */
final class Cells {
  static final List<Store.Change> NO_CHANGES = List.of();
  private static final String COLUMN_PREFIX = "cell:";
  private static final int STATE_BYTES_MAX = 1 << 20;

  private Cells() {}

  /** The column that a cell is saved in. */
  static String column(String name) {
    return COLUMN_PREFIX + name;
  }

  /** Of those from {@code first} on and before {@code end}, the saved ones, as they are to be saved. */
  static List<Store.Change> toSave(CellSlot<?>[] changed, int first, int end) {
    List<Store.Change> changes = NO_CHANGES;
    for (int i = first; i < end; i++) {
      if (changed[i] instanceof DurableSlot<?> slot) {
        if (changes == NO_CHANGES) {
          changes = new ArrayList<>(2);
        }
        changes.add(new Store.Change(slot.copy.id, column(slot.name()), encode(slot)));
      }
    }
    return changes;
  }

  private static byte[] encode(CellSlot<?> slot) {
    try {
      return Values.encode(slot.type(), slot.value(), STATE_BYTES_MAX);
    } catch (ValueRefused e) {
      throw new CellMisused(
          e.isTooLarge() ? ErrorCode.STATE_TOO_LARGE : ErrorCode.CELL_MISUSED,
          "cell "
              + slot.name()
              + " of "
              + slot.copy.id
              + " "
              + e.getMessage()
              + ". Split the process by key, or keep large data elsewhere and its name here");
    }
  }

  /** The memory cells that were ever set, to travel in a move. */
  static List<Memories.Cell> memory(@Nullable CellSlot<?> last) {
    List<Memories.Cell> all = new ArrayList<>(2);
    for (CellSlot<?> slot = last; slot != null; slot = slot.next) {
      if (slot instanceof MemorySlot<?> memory && memory.wasSet()) {
        try {
          all.add(
              new Memories.Cell(
                  slot.name(), Values.encode(slot.type(), slot.value(), Memories.CELL_BYTES_MAX)));
        } catch (ValueRefused e) {
          slot.copy
              .type()
              .logger()
              .log(
                  Level.WARNING,
                  "the memory cell {0} of {1} does not travel in the move: it {2}",
                  slot.name(),
                  slot.copy.id,
                  e.getMessage());
        }
      }
    }
    return all;
  }

  /** The values as text, for people. */
  static Map<String, String> texts(@Nullable CellSlot<?> last) {
    Map<String, String> texts = new HashMap<>();
    for (CellSlot<?> slot = last; slot != null; slot = slot.next) {
      texts.put(slot.name(), String.valueOf(slot.value()));
    }
    return texts;
  }

  /** The value as the cell may keep it: itself if it is deeply immutable, else a copy. */
  @SuppressWarnings("unchecked") // isolate returns an equal value of the same type
  static <T> T own(CellSlot.Spec spec, T value) {
    @Nullable Object own;
    try {
      own = spec.type().isolate(value);
    } catch (ValueRefused e) {
      throw misused("cell " + spec.name() + " cannot hold this value: it " + e.getMessage());
    }
    if (own == null) {
      throw misused("cell " + spec.name() + " cannot hold null");
    }
    return (T) own;
  }

  /** A value that was saved, or came along in a move. */
  @SuppressWarnings("unchecked") // the value type was made from Class<T>
  static <T> T decode(CellSlot.Spec spec, byte[] bytes) {
    return (T) Objects.requireNonNull(Values.decode(spec.type(), bytes), "a cell never holds null");
  }

  /** The refusal for a cell that was set in a turn that may not. */
  static CellMisused readOnly(TurnThread turn, CellSlot<?> slot) {
    return misused(
        "cell "
            + slot.name()
            + (turn.declarations != null
                ? " was set by the constructor; give its initial value where it is declared"
                : " was set by a method marked @Reads"));
  }

  static CellMisused misused(String what) {
    return new CellMisused(ErrorCode.CELL_MISUSED, what);
  }
}
