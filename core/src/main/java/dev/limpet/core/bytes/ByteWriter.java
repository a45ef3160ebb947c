package dev.limpet.core.bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte array with variable-length numbers. Not thread-safe. */
public final class ByteWriter {
  private byte[] bytes;
  private int size;

  public ByteWriter() {
    this(64);
  }

  /**
   * Nothing written yet.
   *
   * @param capacity how many bytes fit without growing; if it is exact, {@link #toBytes} copies nothing
   */
  public ByteWriter(int capacity) {
    bytes = new byte[capacity];
  }

  public ByteWriter u8(int value) {
    room(1);
    bytes[size++] = (byte) value;
    return this;
  }

  public ByteWriter bool(boolean value) {
    return u8(value ? 1 : 0);
  }

  /** How many bytes {@link #number} takes for it. */
  public static int lengthOf(long value) {
    return (Long.SIZE + 6 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }

  /** How many bytes {@link #text} takes for it; too few if it is not ASCII. */
  public static int lengthOf(String value) {
    return lengthOf(value.length()) + value.length();
  }

  /** A non-negative number in 1 to 9 bytes; small ones are short. */
  public ByteWriter number(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("negative: " + value);
    }
    room(lengthOf(value));
    long rest = value;
    while (rest > 0x7f) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  public ByteWriter text(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) >= 0x80) {
        return block(value.getBytes(StandardCharsets.UTF_8));
      }
    }
    number(value.length());
    room(value.length());
    for (int i = 0; i < value.length(); i++) {
      bytes[size++] = (byte) value.charAt(i);
    }
    return this;
  }

  /** A length and the bytes. */
  public ByteWriter block(byte[] value) {
    number(value.length);
    return raw(value);
  }

  /** The bytes alone. */
  public ByteWriter raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
    return this;
  }

  public int size() {
    return size;
  }

  /** What was written. Nothing more may be written then: it may be this writer's own array. */
  public byte[] toBytes() {
    return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.max(16, bytes.length * 2), size + more));
    }
  }
}
