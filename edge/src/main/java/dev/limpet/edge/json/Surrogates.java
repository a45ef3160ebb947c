package dev.limpet.edge.json;

/** Halves of surrogate pairs on their own, which Java strings may hold and UTF-8 cannot say. */
final class Surrogates {
  private Surrogates() {}

  static boolean areBroken(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (text.codePointAt(i) <= Character.MAX_VALUE) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /** The text with U+FFFD for each such half. */
  static String repair(String text) {
    if (!areBroken(text)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }
}
