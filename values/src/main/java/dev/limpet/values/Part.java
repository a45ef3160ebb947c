package dev.limpet.values;

import java.util.Arrays;
import java.util.List;

/** What elements of collections, and their keys and values, share: a tag that tells a changed type from this one. */
final class Part {
  private static final int NULLABLE = 16;

  private Part() {}

  static void writeTag(ValueType type, Encoder out) {
    out.u1(type.kind().bits | (type.isNullable() ? NULLABLE : 0));
  }

  static void readTag(ValueType type, String what, Decoder in) {
    int tag = in.u1();
    int expected = type.kind().bits | (type.isNullable() ? NULLABLE : 0);
    if (tag != expected) {
      throw new ValueRefused(
          "has %s written as %s%s, expected %s"
              .formatted(what, Kind.of(tag).title, (tag & NULLABLE) != 0 ? " or null" : "", type));
    }
  }

  /** Writes parts in the order of their bytes. */
  static void writeSorted(List<byte[]> parts, Encoder out) {
    byte[][] sorted = parts.toArray(byte[][]::new);
    Arrays.sort(sorted, Arrays::compareUnsigned);
    for (byte[] part : sorted) {
      out.raw(part);
    }
  }

  static ValueRefused changed() {
    return new ValueRefused("was changed by another thread while it was read");
  }
}
