package dev.limpet.values;

import org.jspecify.annotations.Nullable;

/**
 * A declared exception on its way to the caller: what travels of it.
 *
 * @param type the class name, one of the method's {@link DeclaredExceptions}
 * @param message its message, cut at {@value #MESSAGE_CHARS_MAX} characters; it may be seen by any caller
 */
public record Thrown(String type, @Nullable String message) {
  static final int MESSAGE_CHARS_MAX = 4_096;

  public Thrown {
    if (message != null && message.length() > MESSAGE_CHARS_MAX) {
      message = message.substring(0, MESSAGE_CHARS_MAX - 1) + "…";
    }
  }

  /** The exception in bytes. */
  public byte[] encode() {
    Encoder out = new Encoder();
    out.u1(Values.VERSION);
    out.text(type);
    out.u1(message == null ? 0 : 1);
    if (message != null) {
      out.text(message);
    }
    return out.toBytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws ValueRefused if it did not
   */
  public static Thrown decode(byte[] bytes) {
    Decoder in = new Decoder(bytes);
    Values.checkVersion(in);
    String type = in.text();
    String message = Flag.read(in) ? in.text() : null;
    in.end();
    return new Thrown(type, message);
  }
}
