package dev.limpet.values;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes being written: a buffer that grows to a bound. Not thread-safe, used for one value. */
public final class Encoder {
  /** The bound of an encoding unless a lower one is given, in bytes. */
  public static final int BYTES_MAX = 16 << 20;

  private static final int SHORT_TEXT_CHARS = 48;

  private final int bytesMax;
  final boolean canonical;
  private byte[] buffer = new byte[48];
  private int size;
  private int depth;
  private int elements;

  public Encoder() {
    this(BYTES_MAX);
  }

  /** An encoder that refuses a value of more bytes than that, at most {@link #BYTES_MAX}. */
  public Encoder(int bytesMax) {
    this(Math.min(bytesMax, BYTES_MAX), false, 0, 0);
  }

  private Encoder(int bytesMax, boolean canonical, int depth, int elements) {
    this.bytesMax = bytesMax;
    this.canonical = canonical;
    this.depth = depth;
    this.elements = elements;
  }

  /** Writes equal sets and maps as equal bytes, whatever their order; for digests. */
  static Encoder canonical() {
    return new Encoder(BYTES_MAX, true, 0, 0);
  }

  Encoder part() {
    return new Encoder(bytesMax, canonical, depth, elements);
  }

  public int size() {
    return size;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(buffer, size);
  }

  void enter() {
    if (++depth > Limits.DEPTH_MAX) {
      throw Limits.tooDeep();
    }
  }

  void leave() {
    depth--;
  }

  void elements(int count) {
    elements += count;
    if (elements > Limits.ELEMENTS_MAX || elements < 0) {
      throw Limits.tooManyElements();
    }
  }

  void u1(int value) {
    reserve(1);
    buffer[size++] = (byte) value;
  }

  void fixed4(int value) {
    reserve(4);
    Fixed.INT.set(buffer, size, value);
    size += 4;
  }

  void fixed8(long value) {
    reserve(8);
    Fixed.LONG.set(buffer, size, value);
    size += 8;
  }

  void unsigned(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      buffer[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
  }

  void signed(long value) {
    unsigned((value << 1) ^ (value >> 63));
  }

  void raw(byte[] bytes) {
    reserve(bytes.length);
    System.arraycopy(bytes, 0, buffer, size, bytes.length);
    size += bytes.length;
  }

  void bytes(byte[] bytes) {
    unsigned(bytes.length);
    raw(bytes);
  }

  /*
   * The length doubled, then UTF-8. Java's strings may hold halves of surrogate pairs, which UTF-8 cannot say: such a
   * string is written in UTF-16 with an odd length, so that nothing is changed by travelling.
   */
  void text(String text) {
    int chars = text.length();
    if (chars <= SHORT_TEXT_CHARS) {
      reserve(chars + 1);
      int at = size + 1;
      int i = 0;
      for (char c; i < chars && (c = text.charAt(i)) < 0x80; i++) {
        buffer[at + i] = (byte) c;
      }
      if (i == chars) {
        buffer[size] = (byte) (chars << 1);
        size += chars + 1;
        return;
      }
    }
    if (chars > bytesMax) { // also keeps twice as many within an int
      throw tooLarge();
    }
    if (hasLoneSurrogate(text)) {
      unsigned((chars * 2L) << 1 | 1);
      reserve(chars * 2);
      for (int i = 0; i < chars; i++) {
        buffer[size++] = (byte) (text.charAt(i) >> 8);
        buffer[size++] = (byte) text.charAt(i);
      }
      return;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    unsigned((long) utf8.length << 1);
    raw(utf8);
  }

  private static boolean hasLoneSurrogate(String text) {
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        return true;
      }
      i += Character.charCount(c);
    }
    return false;
  }

  /** Begins a part whose length goes before it; give the result to {@link #close}. */
  int open() {
    u1(0);
    return size;
  }

  /** Ends a part: its header is the length and, in the lowest four bits, the kind. */
  void close(int begin, Kind kind) {
    int header = (size - begin) << 4 | kind.bits;
    if (header < 0x80) {
      buffer[begin - 1] = (byte) header;
      return;
    }
    int more = header < 1 << 14 ? 1 : header < 1 << 21 ? 2 : header < 1 << 28 ? 3 : 4;
    reserve(more);
    System.arraycopy(buffer, begin, buffer, begin + more, size - begin);
    int end = size + more;
    size = begin - 1;
    unsigned(header & 0xFFFFFFFFL);
    size = end;
  }

  private void reserve(int more) {
    if (more > buffer.length - size) {
      grow(more);
    }
  }

  private void grow(int more) {
    long needed = (long) size + more;
    // unsigned() reserves ten bytes and mostly takes one, so the bound is on what is needed, within
    // that slack
    if (needed > bytesMax + 16L) {
      throw tooLarge();
    }
    buffer =
        Arrays.copyOf(buffer, (int) Math.min(bytesMax + 16L, Math.max(needed, buffer.length * 2L)));
  }

  private ValueRefused tooLarge() {
    return ValueRefused.tooLarge("takes more than " + bytesMax + " bytes");
  }
}
