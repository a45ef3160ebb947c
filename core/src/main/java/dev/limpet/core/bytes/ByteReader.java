package dev.limpet.core.bytes;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link ByteWriter} wrote, and throws {@link Malformed} on anything else. Not thread-safe. */
public final class ByteReader {
  private final byte[] bytes;
  private int at;

  public ByteReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The bytes are not what they should be. */
  public static final class Malformed extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public Malformed(String what) {
      super("malformed bytes: " + what);
    }
  }

  public int u8() {
    need(1);
    return bytes[at++] & 0xff;
  }

  public boolean bool() {
    int value = u8();
    if (value > 1) {
      throw new Malformed("a boolean of " + value);
    }
    return value == 1;
  }

  public long number() {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int next = u8();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new Malformed("a number of more than 63 bits");
  }

  /** A number that must lie in a range. */
  public int count(int max) {
    long value = number();
    if (value > max) {
      throw new Malformed("a count of " + value + " where at most " + max + " is allowed");
    }
    return (int) value;
  }

  public String text(int bytesMax) {
    int length = count(bytesMax);
    need(length);
    int from = at;
    at += length;
    for (int i = from; i < at; i++) {
      if (bytes[i] < 0) {
        return utf8(from, length);
      }
    }
    // Names mostly are ASCII, and then this only copies.
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
  }

  private String utf8(int from, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Malformed("text that is not UTF-8");
    }
  }

  public byte[] block(int bytesMax) {
    int length = count(bytesMax);
    need(length);
    byte[] block = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return block;
  }

  /** Everything from here to the end. */
  public byte[] rest() {
    byte[] block = Arrays.copyOfRange(bytes, at, bytes.length);
    at = bytes.length;
    return block;
  }

  public int remaining() {
    return bytes.length - at;
  }

  /** Throws unless everything was read. */
  public void end() {
    if (at != bytes.length) {
      throw new Malformed((bytes.length - at) + " bytes left over");
    }
  }

  private void need(int more) {
    if (bytes.length - at < more) {
      throw new Malformed(
          "ends at " + bytes.length + " where " + more + " more bytes were expected at " + at);
    }
  }
}
