package dev.limpet.values;

/**
 * The form of a value in bytes, written beside it so that a changed type is noticed and never misread. The ordinals are
 * part of the format: add none, there are four bits.
 */
enum Kind {
  INTEGER("a whole number"),
  FLOAT("a float"),
  DOUBLE("a double"),
  BOOLEAN("a boolean"),
  TEXT("text"),
  BYTES("bytes"),
  RECORD("a record"),
  ALTERNATIVE("a sealed type"),
  SEQUENCE("a list, set or array"),
  MAP("a map"),
  BIG_INTEGER("a BigInteger"),
  BIG_DECIMAL("a BigDecimal"),
  UUID("a UUID"),
  INSTANT("an Instant"),
  DURATION("a Duration"),
  /** A component that is null, or an empty {@code Optional}. */
  NULL("null");

  private static final Kind[] ALL = values();

  final String title;

  Kind(String title) {
    this.title = title;
  }

  static Kind of(int bits) {
    return ALL[bits & 15];
  }
}
