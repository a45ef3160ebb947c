package dev.limpet.edge;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the path of a request line: split at its slashes first, then each segment percent-decoded exactly once, as
 * strict UTF-8. Nothing is normalised, so two different spellings are never mistaken for one process by a part of the
 * way and for two by another; what other software would normalise is refused.
 */
final class PathSegments {
  private static final int SEGMENTS_MAX = 8;

  private PathSegments() {}

  /**
   * The segments of a raw path; {@code /a/b} has two, {@code /a/} has two of which the last is empty.
   *
   * @throws CallRefused {@link ErrorCode#INVALID_KEY} for what no path may hold
   */
  static List<String> of(String rawPath) {
    String path = withoutAuthority(rawPath);
    if (!path.startsWith("/")) {
      throw new CallRefused(ErrorCode.MALFORMED_REQUEST, "the path must start with /");
    }
    List<String> segments = new ArrayList<>(6);
    int start = 1;
    while (start <= path.length()) {
      int end = path.indexOf('/', start);
      end = end < 0 ? path.length() : end;
      if (segments.size() == SEGMENTS_MAX) {
        throw new CallRefused(
            ErrorCode.UNKNOWN_PATH,
            "no path here has that many segments; a slash in a key is written %2F");
      }
      segments.add(decode(path.substring(start, end)));
      start = end + 1;
    }
    return segments;
  }

  /** {@code http://host/path}, which a proxy may send, means the same as {@code /path}. */
  private static String withoutAuthority(String raw) {
    if (!raw.regionMatches(true, 0, "http://", 0, 7)) {
      return raw;
    }
    int slash = raw.indexOf('/', 7);
    return slash < 0 ? "/" : raw.substring(slash);
  }

  /** One segment, decoded; {@code +} is itself and {@code ;} has no meaning. */
  static String decode(String raw) {
    boolean plain = true;
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c <= ' ' || c > '~') {
        throw refused("the path has a raw character that must be percent-encoded as UTF-8");
      }
      plain &= c != '%';
    }
    String decoded = plain ? raw : utf8(octets(raw));
    if (decoded.equals(".") || decoded.equals("..")) {
      throw refused(
          "the segments . and .. are refused, however they are written; keys may not be . or ..");
    }
    return decoded;
  }

  private static ByteBuffer octets(String raw) {
    ByteBuffer out = ByteBuffer.allocate(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '%') {
        out.put((byte) c);
        continue;
      }
      int high = i + 1 < raw.length() ? hex(raw.charAt(i + 1)) : -1;
      int low = i + 2 < raw.length() ? hex(raw.charAt(i + 2)) : -1;
      if (high < 0 || low < 0) {
        throw refused(
            "a % must be followed by two hexadecimal digits; a percent sign itself is written %25");
      }
      out.put((byte) (high << 4 | low));
      i += 2;
    }
    return out.flip();
  }

  /** ASCII digits only; Character.digit would take those of every script. */
  private static int hex(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    char lower = (char) (c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  private static String utf8(ByteBuffer octets) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(octets)
          .toString();
    } catch (CharacterCodingException e) {
      throw refused(
          "the percent-encoded octets are no valid UTF-8 (overlong forms and surrogates are not)");
    }
  }

  private static CallRefused refused(String why) {
    return new CallRefused(ErrorCode.INVALID_KEY, why);
  }
}
