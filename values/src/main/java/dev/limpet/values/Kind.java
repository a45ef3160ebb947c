package dev.limpet.values;

/**
 * The form of a value in bytes, written beside it so that a changed type is noticed and never misread. The numbers are
 * part of the format, and there are four bits.
 */
enum Kind {
  INTEGER(0, "a whole number"),
  FLOAT(1, "a float"),
  DOUBLE(2, "a double"),
  BOOLEAN(3, "a boolean"),
  TEXT(4, "text"),
  BYTES(5, "bytes"),
  RECORD(6, "a record"),
  ALTERNATIVE(7, "a sealed type"),
  SEQUENCE(8, "a list, set or array"),
  MAP(9, "a map"),
  BIG_INTEGER(10, "a BigInteger"),
  BIG_DECIMAL(11, "a BigDecimal"),
  UUID(12, "a UUID"),
  INSTANT(13, "an Instant"),
  DURATION(14, "a Duration"),
  /** A component that is null, or an empty {@code Optional}. */
  NULL(15, "null");

  private static final Kind[] ALL = values();

  final int bits;
  final String title;

  Kind(int bits, String title) {
    this.bits = bits;
    this.title = title;
  }

  static Kind of(int bits) {
    return ALL[bits & 15];
  }
}
