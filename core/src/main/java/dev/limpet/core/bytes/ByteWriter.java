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

  public ByteWriter(int capacity) {
    bytes = new byte[Math.max(16, capacity)];
  }

  public ByteWriter u8(int value) {
    room(1);
    bytes[size++] = (byte) value;
    return this;
  }

  public ByteWriter bool(boolean value) {
    return u8(value ? 1 : 0);
  }

  /** A non-negative number in 1 to 9 bytes; small ones are short. */
  public ByteWriter number(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("negative: " + value);
    }
    room(10);
    long rest = value;
    while (rest > 0x7f) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  public ByteWriter text(String value) {
    return block(value.getBytes(StandardCharsets.UTF_8));
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

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
