package dev.limpet.values;

/** One byte, 0 or 1. */
final class Flag {
  private Flag() {}

  static boolean read(Decoder in) {
    int flag = in.u1();
    if (flag > 1) {
      throw new ValueRefused("has " + flag + " where 0 or 1 is expected");
    }
    return flag == 1;
  }
}
