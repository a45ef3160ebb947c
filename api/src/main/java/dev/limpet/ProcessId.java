package dev.limpet;

import java.nio.charset.StandardCharsets;

/**
 * The name of one process: its type and its key.
 *
 * @param type the {@link Sticky} name: 1 to 64 of {@code a-z 0-9 - _ .}, a letter first
 * @param key 1 to 512 bytes of UTF-8 without control characters; any other character is allowed, but not {@code .} or
 *     {@code ..} alone
 */
public record ProcessId(String type, String key) {
  /** The longest key, in bytes of UTF-8. */
  public static final int KEY_BYTES_MAX = 512;

  /** The longest type name, in characters. */
  public static final int TYPE_CHARS_MAX = 64;

  public ProcessId {
    checkType(type);
    checkKey(key);
  }

  /** Throws {@link CallRefused} unless the name may name a type. */
  public static void checkType(String type) {
    boolean good =
        !type.isEmpty()
            && type.length() <= TYPE_CHARS_MAX
            && type.charAt(0) >= 'a'
            && type.charAt(0) <= 'z';
    for (int i = 0; good && i < type.length(); i++) {
      char c = type.charAt(i);
      good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    }
    if (!good) {
      throw new CallRefused(
          ErrorCode.UNKNOWN_TYPE,
          "a type is 1 to 64 of a-z 0-9 - _ . with a letter first; got " + Quoted.of(type));
    }
  }

  /** Throws {@link CallRefused} unless the text may be a key. */
  public static void checkKey(String key) {
    if (key.isEmpty()) {
      throw new CallRefused(
          ErrorCode.INVALID_KEY, "the key is empty; give 1 to 512 bytes of UTF-8");
    }
    if (key.equals(".") || key.equals("..")) {
      throw new CallRefused(
          ErrorCode.INVALID_KEY, "the keys . and .. are refused, since URLs give them a meaning");
    }
    if (key.length() > KEY_BYTES_MAX) {
      throw tooLong(key.length());
    }
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (Character.isISOControl(c)) {
        throw new CallRefused(
            ErrorCode.INVALID_KEY,
            "the key has the control character U+%04X at %d".formatted((int) c, i));
      }
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < key.length()
                && Character.isLowSurrogate(key.charAt(i + 1));
        if (!pair) {
          throw new CallRefused(
              ErrorCode.INVALID_KEY, "the key has half of a surrogate pair at " + i);
        }
        i++;
      }
    }
    if (key.length() * 3 > KEY_BYTES_MAX) {
      int bytes = key.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > KEY_BYTES_MAX) {
        throw tooLong(bytes);
      }
    }
  }

  private static CallRefused tooLong(int atLeast) {
    return new CallRefused(
        ErrorCode.INVALID_KEY,
        "the key has " + atLeast + " bytes or more of UTF-8; at most 512 are allowed");
  }

  /** {@code type/key}, for logs and messages. */
  @Override
  public String toString() {
    return type + "/" + key;
  }
}
