package dev.limpet.node.home;

import dev.limpet.CellMisused;
import dev.limpet.Durable;
import dev.limpet.ErrorCode;
import dev.limpet.Memory;
import dev.limpet.ProcessId;
import dev.limpet.StartFailed;
import dev.limpet.engine.Store;
import dev.limpet.values.ValueRefused;
import dev.limpet.values.ValueType;
import dev.limpet.values.Values;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The cells of one process, and what the turn under way has changed of them. Touched under the turn lock. */
final class Cells {
  private static final String COLUMN_PREFIX = "cell:";
  static final List<Store.Change> NO_CHANGES = List.of();
  private static final int STATE_BYTES_MAX = 1 << 20;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private final ProcessId id;
  private final HostedType type;

  /** All of them, the last declared first. */
  private @Nullable CellSlot<?> slots;

  /** Those that the turn has changed, the last first. */
  private @Nullable CellSlot<?> changed;

  private @Nullable Map<String, byte[]> loading;
  private Map<String, byte[]> moved;
  private boolean readOnly;

  /**
   * The thread of the turn under way. Written under the turn lock and read by anyone without: a thread finds itself here
   * only if it wrote itself and nothing since, and each sees its own writing in order.
   */
  private @Nullable Thread thread;

  /**
   * Of a process that is being made: cells may be declared until {@link #endConstruction}.
   *
   * @param saved from which durable cells take their values
   * @param moved from which memory cells do, after a planned move
   */
  Cells(ProcessId id, HostedType type, Map<String, byte[]> saved, Map<String, byte[]> moved) {
    this.id = id;
    this.type = type;
    this.thread = Thread.currentThread();
    this.loading = saved;
    this.moved = moved;
  }

  // Around turns.

  /** A turn begins on this thread. */
  void begin(boolean onlyReads) {
    thread = Thread.currentThread();
    readOnly = onlyReads;
  }

  /** The turn is over; without {@code keep} every cell is as it was before. */
  void end(boolean keep) {
    thread = null;
    for (CellSlot<?> slot = changed; slot != null; slot = slot.end(keep)) {}
    changed = null;
  }

  /** What the turn changed, as it is to be saved. */
  List<Store.Change> changes() {
    List<Store.Change> changes = NO_CHANGES;
    for (CellSlot<?> slot = changed; slot != null; slot = slot.nextChanged) {
      if (slot instanceof DurableSlot<?>) {
        if (changes == NO_CHANGES) {
          changes = new ArrayList<>(2);
        }
        changes.add(new Store.Change(id, COLUMN_PREFIX + slot.name, encode(slot)));
      }
    }
    return changes;
  }

  private byte[] encode(CellSlot<?> slot) {
    try {
      return Values.encode(slot.type, slot.value(), STATE_BYTES_MAX);
    } catch (ValueRefused e) {
      throw new CellMisused(
          e.isTooLarge() ? ErrorCode.STATE_TOO_LARGE : ErrorCode.CELL_MISUSED,
          "cell "
              + slot.name
              + " of "
              + id
              + " "
              + e.getMessage()
              + ". Split the process by key, or keep large data elsewhere and its name here");
    }
  }

  // Around construction.

  void endConstruction() {
    thread = null;
    loading = null;
    moved = Map.of();
  }

  <T> Durable<T> durable(String name, Class<T> cellType, T initial) {
    ValueType valueType = declare(name, cellType);
    byte[] bytes = Objects.requireNonNull(loading).get(COLUMN_PREFIX + name);
    T value = bytes == null ? own(name, valueType, initial) : decode(valueType, bytes);
    DurableSlot<T> slot = new DurableSlot<>(this, name, valueType, value, slots);
    slots = slot;
    return slot;
  }

  <T> Memory<T> memory(String name, Class<T> cellType, T initial) {
    ValueType valueType = declare(name, cellType);
    MemorySlot<T> slot =
        new MemorySlot<>(this, name, valueType, own(name, valueType, initial), slots);
    byte[] bytes = moved.get(name);
    if (bytes != null) {
      arrive(slot, bytes);
    }
    slots = slot;
    return slot;
  }

  /** A value that came along in a move; one that this version of the application cannot read is as in a crash. */
  private <T> void arrive(MemorySlot<T> slot, byte[] bytes) {
    try {
      slot.arrive(decode(slot.type, bytes));
    } catch (ValueRefused e) {
      type.logger()
          .log(
              Level.WARNING,
              "the memory cell {0} of {1} came along in a move and cannot be read here: {2}",
              slot.name,
              id,
              e.getMessage());
    }
  }

  /** The memory cells that were ever set, to travel in a move. */
  List<Memories.Cell> memory() {
    List<Memories.Cell> all = new ArrayList<>(2);
    for (CellSlot<?> slot = slots; slot != null; slot = slot.next) {
      if (slot instanceof MemorySlot<?> memory && memory.wasSet()) {
        try {
          all.add(
              new Memories.Cell(
                  slot.name, Values.encode(slot.type, slot.value(), Memories.CELL_BYTES_MAX)));
        } catch (ValueRefused e) {
          type.logger()
              .log(
                  Level.WARNING,
                  "the memory cell {0} of {1} does not travel in the move: it {2}",
                  slot.name,
                  id,
                  e.getMessage());
        }
      }
    }
    return all;
  }

  @SuppressWarnings("unchecked") // the value type was made from Class<T>
  private static <T> T decode(ValueType valueType, byte[] bytes) {
    return (T) Objects.requireNonNull(Values.decode(valueType, bytes), "a cell never holds null");
  }

  /** Whether none was declared. */
  boolean isEmpty() {
    return slots == null;
  }

  private ValueType declare(String name, Class<?> cellType) {
    if (loading == null || thread != Thread.currentThread()) {
      throw misused("cell " + name + " was declared outside the constructor of " + id);
    }
    if (!NAME.matcher(name).matches()) {
      throw misused("a cell's name is 1 to 64 of A-Z a-z 0-9 - _; got " + name);
    }
    for (CellSlot<?> slot = slots; slot != null; slot = slot.next) {
      if (slot.name.equals(name)) {
        throw misused("cell " + name + " was declared twice by " + id);
      }
    }
    try {
      ValueType valueType = type.cellType(cellType);
      if (valueType.hasArrays()) {
        throw misused(
            "cell " + name + " of " + cellType.getName() + " has arrays in it; use lists");
      }
      return valueType;
    } catch (StartFailed e) {
      throw misused("cell " + name + " cannot be a " + cellType.getName() + ": " + e.getMessage());
    }
  }

  // From the cells themselves.

  void checkInTurn(String cell) {
    if (thread != Thread.currentThread()) {
      throw misused(
          "cell "
              + cell
              + " of "
              + id
              + " was touched outside a turn, or from another thread than the turn's");
    }
  }

  void checkMayWrite(String cell) {
    checkInTurn(cell);
    if (loading != null) {
      throw misused(
          "cell "
              + cell
              + " was set by the constructor; give its initial value where it is declared");
    }
    if (readOnly) {
      throw misused("cell " + cell + " was set by a method marked @Reads");
    }
  }

  /** Notes the cell as changed by this turn; what it must remember as the next. */
  @Nullable CellSlot<?> changed(CellSlot<?> slot) {
    CellSlot<?> before = changed;
    changed = slot;
    return before;
  }

  /** The value as the cell may keep it: itself if it is deeply immutable, else a copy. */
  @SuppressWarnings("unchecked") // isolate returns an equal value of the same type
  static <T> T own(String cell, ValueType type, T value) {
    @Nullable Object own;
    try {
      own = type.isolate(value);
    } catch (ValueRefused e) {
      throw misused("cell " + cell + " cannot hold this value: it " + e.getMessage());
    }
    if (own == null) {
      throw misused("cell " + cell + " cannot hold null");
    }
    return (T) own;
  }

  static CellMisused misused(String what) {
    return new CellMisused(ErrorCode.CELL_MISUSED, what);
  }

  /** The values as text, for people. */
  Map<String, String> texts() {
    Map<String, String> texts = new HashMap<>();
    for (CellSlot<?> slot = slots; slot != null; slot = slot.next) {
      texts.put(slot.name, String.valueOf(slot.value()));
    }
    return texts;
  }
}
