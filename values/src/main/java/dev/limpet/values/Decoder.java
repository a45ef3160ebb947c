package dev.limpet.values;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes being read, possibly hostile ones: every length is compared with what is left before anything is allocated. Not
 * thread-safe, used for one value.
 */
public final class Decoder {
  private final byte[] bytes;
  private int at;
  private int limit;
  private int depth;
  private int elements;

  public Decoder(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  /** Reads {@code length} bytes from {@code offset}. */
  public Decoder(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.at = offset;
    this.limit = offset + length;
  }

  public int remaining() {
    return limit - at;
  }

  /** Refuses bytes that are left over. */
  public void end() {
    if (at != limit) {
      throw new ValueRefused("is followed by " + (limit - at) + " bytes too many");
    }
  }

  void enter() {
    if (++depth > Limits.DEPTH_MAX) {
      throw Limits.tooDeep();
    }
  }

  void leave() {
    depth--;
  }

  /** A count of elements, each of which takes at least one byte. */
  int count() {
    long count = unsigned();
    if (count < 0 || count > remaining()) {
      throw new ValueRefused(
          "claims " + Long.toUnsignedString(count) + " elements in " + remaining() + " bytes");
    }
    elements += (int) count;
    if (elements > Limits.ELEMENTS_MAX || elements < 0) {
      throw Limits.tooManyElements();
    }
    return (int) count;
  }

  int u1() {
    need(1);
    return bytes[at++] & 0xFF;
  }

  int fixed4() {
    need(4);
    int value = (int) Fixed.INT.get(bytes, at);
    at += 4;
    return value;
  }

  long fixed8() {
    need(8);
    long value = (long) Fixed.LONG.get(bytes, at);
    at += 8;
    return value;
  }

  long unsigned() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = u1();
      if (shift == 63 && b > 1) {
        break;
      }
      value |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new ValueRefused("has a number of more than 64 bits");
  }

  long signed() {
    long value = unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  byte[] bytes() {
    return bytes(length(unsigned()));
  }

  byte[] bytes(int length) {
    byte[] part = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return part;
  }

  int length(long claimed) {
    if (claimed < 0 || claimed > remaining()) {
      throw new ValueRefused(
          "claims " + Long.toUnsignedString(claimed) + " bytes where " + remaining() + " are left");
    }
    return (int) claimed;
  }

  String text() {
    long header = unsigned();
    int length = length(header >>> 1);
    int begin = at;
    at += length;
    if ((header & 1) != 0) {
      if (length % 2 != 0) {
        throw new ValueRefused("is not valid UTF-16");
      }
      char[] chars = new char[length / 2];
      for (int i = 0; i < chars.length; i++) {
        chars[i] = (char) ((bytes[begin + 2 * i] & 0xFF) << 8 | (bytes[begin + 2 * i + 1] & 0xFF));
      }
      return new String(chars);
    }
    String text = new String(bytes, begin, length, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0) {
      checkUtf8(begin, length); // the replacement of bad bytes, or really that character
    }
    return text;
  }

  private void checkUtf8(int begin, int length) {
    try {
      var unused =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, begin, length));
    } catch (CharacterCodingException e) {
      throw new ValueRefused("is not valid UTF-8");
    }
  }

  /** The header of a part that {@link Encoder#close} has written: length and kind. */
  long header() {
    long header = unsigned();
    length(header >>> 4);
    return header;
  }

  /** Narrows what may be read to a part; give the result to {@link #close} at its end. */
  int open(int length) {
    int outer = limit;
    limit = at + length;
    return outer;
  }

  void close(int outer) {
    end();
    limit = outer;
  }

  void skip(int length) {
    at += length;
  }

  private void need(int count) {
    if (count > limit - at) {
      throw new ValueRefused("ends early");
    }
  }
}
