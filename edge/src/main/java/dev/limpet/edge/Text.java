package dev.limpet.edge;

/** Text from outside, made safe for a log line or a message. */
final class Text {
  private static final int CHARS_MAX = 200;

  private Text() {}

  static String printable(String text) {
    StringBuilder out = new StringBuilder();
    int end = Math.min(text.length(), CHARS_MAX);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c > '~' ? '?' : c);
    }
    return out.append(text.length() > end ? "…" : "").toString();
  }
}
