package dev.limpet.values;

/** Text from outside, made safe and short enough for an error message. */
final class Quote {
  private static final int CHARS_MAX = 60;

  private Quote() {}

  static String of(String text) {
    StringBuilder out = new StringBuilder("\"");
    int end = Math.min(text.length(), CHARS_MAX);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c == '"' || c > '~' ? '?' : c);
    }
    return out.append(text.length() > end ? "…\"" : "\"").toString();
  }
}
