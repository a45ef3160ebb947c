package dev.limpet.values;

/** Text from outside, made safe and short enough for an error message. */
public final class Quote {
  public static final int CHARS_MAX = 60;

  private Quote() {}

  /** The text in quotes, with ? for what is not printable ASCII, cut at {@value #CHARS_MAX} characters. */
  public static String of(String text) {
    StringBuilder out = new StringBuilder("\"");
    int end = Math.min(text.length(), CHARS_MAX);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c == '"' || c > '~' ? '?' : c);
    }
    return out.append(text.length() > end ? "…\"" : "\"").toString();
  }
}
