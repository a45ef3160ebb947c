package dev.limpet.values;

/** The bounds of every value, the same in bytes, in JSON and on a local call. */
public final class Limits {
  /** How deep records, collections, arrays and sealed types may nest in a value. */
  public static final int DEPTH_MAX = 100;

  /** How many elements all collections and arrays (but {@code byte[]}) of one value hold together. */
  public static final int ELEMENTS_MAX = 1_000_000;

  /** The size of a {@code BigInteger}, and of the digits of a {@code BigDecimal}, in bits. */
  public static final int BIG_BITS_MAX = 16_384;

  /** The scale of a {@code BigDecimal}, either way. */
  public static final int SCALE_MAX = 5_000;

  private Limits() {}

  static ValueRefused tooDeep() {
    return ValueRefused.tooLarge("nests deeper than " + DEPTH_MAX + " levels");
  }

  static ValueRefused tooManyElements() {
    return ValueRefused.tooLarge("holds more than " + ELEMENTS_MAX + " elements");
  }
}
