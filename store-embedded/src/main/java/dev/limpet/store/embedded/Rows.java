package dev.limpet.store.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.core.fence.PinFence;
import dev.limpet.engine.CommitCursor;
import dev.limpet.engine.PinTable;
import dev.limpet.engine.Position;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How the store's state lies in an ordered map of bytes.
 *
 * <pre>
 * 0                                                       format 1, term 8, index 8
 * 1, shard 4                                              format 1, epoch 8, number 8, owner 8, last 8, earlier 1, ...
 * 2, shard 4, type length 1, type, key length 2, key, column     value
 * 3, shard 4, type length 1, type, key length 2, key             format 1, number 4, ended 1, and a fence as above
 * </pre>
 *
 * <p>A process's columns are neighbours, and its name carries its lengths, so no name is a prefix of another. The middle
 * of a column's key (type and key with their lengths) is byte for byte what an entry of the log has.
 */
final class Rows {
  static final byte[] POSITION = {0};

  /** Type and key with their lengths, the row's kind and the shard, and the column: at most this many bytes. */
  static final int KEY_BYTES_MAX = 1 + 4 + 1 + 64 + 2 + 512 + 1024;

  private static final byte FENCE = 1;
  private static final byte COLUMN = 2;
  private static final byte PIN = 3;
  private static final byte FORMAT = 1;

  private Rows() {}

  static byte[] encode(Position at) {
    return ByteBuffer.allocate(17).put(FORMAT).putLong(at.term()).putLong(at.index()).array();
  }

  static Position decodePosition(byte[] row) throws IOException {
    ByteBuffer in = formatted(row, 17);
    return new Position(in.getLong(), in.getLong());
  }

  static byte[] fenceKey(int shard) {
    return ByteBuffer.allocate(5).put(FENCE).putInt(shard).array();
  }

  /** The keys of all fences start with this. */
  static byte[] fences() {
    return new byte[] {FENCE};
  }

  static int shardOfFence(byte[] key) throws IOException {
    if (key.length != 5) {
      throw new IOException("a fence's key of " + key.length + " bytes");
    }
    return ByteBuffer.wrap(key, 1, 4).getInt();
  }

  static byte[] encode(Fence fence) {
    List<Fence.Earlier> earlier = fence.earlier();
    ByteBuffer out = ByteBuffer.allocate(58 + 16 * earlier.size());
    out.put(FORMAT)
        .putLong(fence.epoch())
        .putLong(fence.number())
        .putLong(fence.owner())
        .putLong(fence.lastSequence())
        .putLong(fence.former().epoch())
        .putLong(fence.former().number())
        .putLong(fence.former().lastSequence());
    out.put((byte) earlier.size());
    for (Fence.Earlier e : earlier) {
      out.putLong(e.number()).putLong(e.lastSequence());
    }
    return out.array();
  }

  static Fence decodeFence(byte[] row) throws IOException {
    ByteBuffer in = formatted(row, 58);
    long epoch = in.getLong();
    long number = in.getLong();
    long owner = in.getLong();
    long last = in.getLong();
    Fence.Former former = new Fence.Former(in.getLong(), in.getLong(), in.getLong());
    int count = in.get();
    if (count < 0 || count > Fence.EARLIER_MAX || in.remaining() != 16 * count) {
      throw new IOException(
          "a fence with " + count + " earlier claims in " + in.remaining() + " bytes");
    }
    List<Fence.Earlier> earlier = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      earlier.add(new Fence.Earlier(in.getLong(), in.getLong()));
    }
    return new Fence(epoch, number, owner, last, earlier, former);
  }

  /** The key of the fence of a process that has, or once had, a home of its own. */
  static byte[] pinKey(PinTable.Row pin) {
    return named(PIN, pin.hashed(), pin.id());
  }

  /** The keys of all such fences start with this. */
  static byte[] pins() {
    return new byte[] {PIN};
  }

  static byte[] encode(PinFence pin) {
    byte[] fence = encode(pin.fence());
    return ByteBuffer.allocate(6 + fence.length)
        .put(FORMAT)
        .putInt(pin.number())
        .put((byte) (pin.ended() ? 1 : 0))
        .put(fence)
        .array();
  }

  static PinTable.Row decodePin(byte[] key, byte[] row) throws IOException {
    ByteBuffer in = formatted(row, 6);
    int number = in.getInt();
    boolean ended = in.get() != 0;
    byte[] fence = new byte[in.remaining()];
    in.get(fence);
    ProcessId id = processOf(key);
    return new PinTable.Row(
        id, ByteBuffer.wrap(key, 1, 4).getInt(), new PinFence(number, decodeFence(fence), ended));
  }

  /** The keys of all columns of a process start with this. */
  static byte[] process(int shard, ProcessId id) {
    return named(COLUMN, shard, id);
  }

  private static byte[] named(byte kind, int shard, ProcessId id) {
    byte[] type = id.type().getBytes(US_ASCII);
    byte[] key = id.key().getBytes(UTF_8);
    ByteBuffer out = ByteBuffer.allocate(8 + type.length + key.length).put(kind).putInt(shard);
    return out.put((byte) type.length).put(type).putShort((short) key.length).put(key).array();
  }

  /** The keys of all columns of all processes of a type in a shard start with this. */
  static byte[] type(int shard, String type) {
    byte[] name = type.getBytes(US_ASCII);
    return ByteBuffer.allocate(6 + name.length)
        .put(COLUMN)
        .putInt(shard)
        .put((byte) name.length)
        .put(name)
        .array();
  }

  /**
   * Writes the key of the column that the cursor stands at.
   *
   * @param shard the hashed one, which is not the cursor's if that is a pin's
   */
  static void columnKey(int shard, CommitCursor change, byte[] entry, ByteBuffer out) {
    int nameOffset = change.typeOffset() - 1;
    int nameLength = change.keyOffset() + change.keyLength() - nameOffset;
    out.put(COLUMN).putInt(shard).put(entry, nameOffset, nameLength);
    out.put(entry, change.columnOffset(), change.columnLength());
  }

  /** The column's name in a key that starts with its process. */
  static String column(byte[] key, int processLength) {
    return new String(key, processLength, key.length - processLength, UTF_8);
  }

  /** The process that a column's key belongs to. */
  static ProcessId processOf(byte[] columnKey) throws IOException {
    try {
      ByteBuffer in = ByteBuffer.wrap(columnKey, 5, columnKey.length - 5);
      byte[] type = new byte[in.get() & 0xff];
      in.get(type);
      byte[] key = new byte[in.getShort() & 0xffff];
      in.get(key);
      return new ProcessId(new String(type, US_ASCII), new String(key, UTF_8));
    } catch (RuntimeException e) {
      throw new IOException(
          "a column's key that names no process: " + Arrays.toString(columnKey), e);
    }
  }

  /** The first key after all that start so. */
  static byte[] after(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xff) {
        byte[] next = Arrays.copyOf(prefix, i + 1);
        next[i]++;
        return next;
      }
    }
    throw new IllegalArgumentException("nothing comes after all keys");
  }

  private static ByteBuffer formatted(byte[] row, int bytesMin) throws IOException {
    if (row.length < bytesMin || row[0] != FORMAT) {
      throw new IOException(
          "a row of "
              + row.length
              + " bytes and format "
              + (row.length == 0 ? "none" : row[0])
              + "; this version of"
              + " Limpet reads format "
              + FORMAT);
    }
    return ByteBuffer.wrap(row, 1, row.length - 1);
  }
}
