package dev.limpet.engine;

import dev.limpet.CallRefused;
import dev.limpet.ProcessId;
import dev.limpet.engine.StoreWire.Malformed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the parts of one commit entry in order and in place, without building objects. Everything it points at lies
 * within the entry; {@link Malformed} otherwise. For one thread, once.
 *
 * <p>{@code nextPart()} goes to the next part, whether or not the changes of the last were read; {@code nextChange()} to
 * the next change within it. A process's name, from {@link #typeOffset} - 1 to {@link #keyOffset} + {@link #keyLength},
 * is unambiguous on its own: both parts of it carry their lengths.
 */
public final class CommitCursor {
  private static final int PART_BYTES = 37;

  private final byte[] entry;
  private final ByteBuffer in;
  private final int parts;
  private int partsRead;
  private int partEnd;
  private int changes;
  private int changesLeft;
  private int changesOffset;

  private int shard;
  private long epoch;
  private long claim;
  private long sequence;
  private boolean ends;
  private int typeOffset;
  private int typeLength;
  private int keyOffset;
  private int keyLength;
  private int columnOffset;
  private int columnLength;
  private int valueOffset;
  private int valueLength;

  CommitCursor(byte[] entry, int offset, int parts) {
    if (parts < 0 || parts > (entry.length - offset) / PART_BYTES) {
      throw new Malformed(parts + " parts announced in " + entry.length + " bytes");
    }
    this.entry = entry;
    this.in = ByteBuffer.wrap(entry).position(offset);
    this.parts = parts;
    this.partEnd = offset;
  }

  /** How many parts there are. */
  public int parts() {
    return parts;
  }

  /** Goes to the next part; false after the last. */
  public boolean nextPart() {
    in.position(partEnd);
    if (partsRead == parts) {
      if (in.hasRemaining()) {
        throw new Malformed(in.remaining() + " bytes too many after the last part");
      }
      return false;
    }
    need(PART_BYTES, entry.length);
    shard = in.getInt();
    epoch = in.getLong();
    claim = in.getLong();
    sequence = in.getLong();
    ends = in.get() != 0;
    changesLeft = in.getInt();
    changes = changesLeft;
    int bytes = in.getInt();
    if (shard < 0 || epoch < 1 || claim < 1 || sequence < 1 || changesLeft < 0 || bytes < 0) {
      throw new Malformed(
          "part "
              + partsRead
              + " with shard "
              + shard
              + ", epoch "
              + epoch
              + ", claim "
              + claim
              + ", sequence "
              + sequence
              + ", "
              + changesLeft
              + " changes of "
              + bytes
              + " bytes");
    }
    need(bytes, entry.length);
    changesOffset = in.position();
    partEnd = in.position() + bytes;
    partsRead++;
    return true;
  }

  /** Goes to the next change of this part; false after the last. */
  public boolean nextChange() {
    if (changesLeft == 0) {
      if (in.position() != partEnd) {
        throw new Malformed((partEnd - in.position()) + " bytes too many after the last change");
      }
      return false;
    }
    changesLeft--;
    need(1, partEnd);
    typeLength = in.get() & 0xff;
    typeOffset = span("type", typeLength, 1, ProcessId.TYPE_CHARS_MAX);
    need(2, partEnd);
    keyLength = in.getShort() & 0xffff;
    keyOffset = span("key", keyLength, 1, ProcessId.KEY_BYTES_MAX);
    need(2, partEnd);
    columnLength = in.getShort() & 0xffff;
    columnOffset = span("column", columnLength, 1, Store.COLUMN_BYTES_MAX);
    need(4, partEnd);
    valueLength = in.getInt();
    valueOffset =
        valueLength == -1 ? in.position() : span("value", valueLength, 0, Integer.MAX_VALUE);
    return true;
  }

  /** Goes back before the first change of this part. */
  public void rewind() {
    in.position(changesOffset);
    changesLeft = changes;
  }

  /** The process whose change this is. */
  public ProcessId process() {
    try {
      return new ProcessId(text(typeOffset, typeLength), text(keyOffset, keyLength));
    } catch (CallRefused e) {
      throw new Malformed("no process: " + e.getMessage());
    }
  }

  private int span(String what, int length, int min, int max) {
    if (length < min || length > max) {
      throw new Malformed("a " + what + " of " + length + " bytes");
    }
    need(length, partEnd);
    int offset = in.position();
    in.position(offset + length);
    return offset;
  }

  private void need(int bytes, int end) {
    if (end - in.position() < bytes) {
      throw new Malformed(
          bytes
              + " bytes announced at "
              + in.position()
              + ", where there are "
              + (end - in.position()));
    }
  }

  public int shard() {
    return shard;
  }

  public long epoch() {
    return epoch;
  }

  public long claim() {
    return claim;
  }

  public long sequence() {
    return sequence;
  }

  /** Whether the pin ends with this part. */
  public boolean ends() {
    return ends;
  }

  /** Whether the change removes the column; it has no value then. */
  public boolean removes() {
    return valueLength == -1;
  }

  public int typeOffset() {
    return typeOffset;
  }

  public int typeLength() {
    return typeLength;
  }

  public int keyOffset() {
    return keyOffset;
  }

  public int keyLength() {
    return keyLength;
  }

  public int columnOffset() {
    return columnOffset;
  }

  public int columnLength() {
    return columnLength;
  }

  public int valueOffset() {
    return valueOffset;
  }

  public int valueLength() {
    return valueLength;
  }

  /** A copy of some of the entry's bytes. */
  public byte[] bytes(int offset, int length) {
    return Arrays.copyOfRange(entry, offset, offset + length);
  }

  /** Some of the entry's bytes as text. */
  public String text(int offset, int length) {
    return new String(entry, offset, length, StandardCharsets.UTF_8);
  }
}
