package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.fence.Fence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory cells of a shard's processes, as they travel in a planned move. Immutable.
 *
 * @param as the claim that the shard was owned under, and its last commit: the saved state that the memory belongs to
 */
record Memories(Fence.Former as, List<Memory> all) {
  private static final int COUNT_MAX = 10_000_000;
  private static final int CELLS_MAX = 10_000;

  /** The largest value of a memory cell that travels, in bytes. */
  static final int CELL_BYTES_MAX = 16 << 20;

  Memories {
    all = List.copyOf(all);
  }

  /**
   * One process's memory.
   *
   * @param leftMillis after which time without a call the process would have been passivated, and its memory gone
   */
  record Memory(ProcessId id, long leftMillis, List<Cell> cells) {
    Memory {
      cells = List.copyOf(cells);
    }

    Map<String, byte[]> byName() {
      Map<String, byte[]> byName = new HashMap<>();
      cells.forEach(c -> byName.put(c.name, c.value));
      return byName;
    }
  }

  /** One memory cell's value, encoded. */
  record Cell(String name, byte[] value) {}

  boolean isEmpty() {
    return all.isEmpty();
  }

  byte[] encode() {
    ByteWriter out = new ByteWriter(1024);
    out.number(as.epoch()).number(as.number()).number(as.lastSequence());
    out.number(all.size());
    for (Memory m : all) {
      out.text(m.id.type()).text(m.id.key()).number(m.leftMillis).number(m.cells.size());
      for (Cell c : m.cells) {
        out.text(c.name).block(c.value);
      }
    }
    return out.toBytes();
  }

  /** Throws {@link ByteReader.Malformed} if the bytes are none. */
  static Memories decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    Fence.Former as = new Fence.Former(in.number(), in.number(), in.number());
    int count = in.count(COUNT_MAX);
    List<Memory> all = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      ProcessId id =
          new ProcessId(in.text(ProcessId.TYPE_CHARS_MAX), in.text(ProcessId.KEY_BYTES_MAX));
      long left = in.number();
      int cells = in.count(CELLS_MAX);
      List<Cell> some = new ArrayList<>(Math.min(cells, 64));
      for (int j = 0; j < cells; j++) {
        some.add(new Cell(in.text(64), in.block(CELL_BYTES_MAX)));
      }
      all.add(new Memory(id, left, some));
    }
    in.end();
    return new Memories(as, all);
  }
}
