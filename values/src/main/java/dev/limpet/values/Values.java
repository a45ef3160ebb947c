package dev.limpet.values;

import org.jspecify.annotations.Nullable;

/**
 * Values to bytes and back. Every encoding on its own begins with a version and the kind of the value; what does not
 * fit is a {@link ValueRefused} that names the place in the value, whatever the bytes are.
 */
public final class Values {
  /** The version of the format that is written. */
  static final int VERSION = 1;

  private Values() {}

  /** The bytes of a value on its own, such as a saved cell. */
  public static byte[] encode(ValueType type, @Nullable Object value) {
    return encode(type, value, Encoder.BYTES_MAX);
  }

  /** The bytes of a value on its own, refused as too large above that many. */
  public static byte[] encode(ValueType type, @Nullable Object value, int bytesMax) {
    Encoder out = new Encoder(bytesMax);
    encode(type, value, out);
    if (out.size() > bytesMax) {
      throw ValueRefused.tooLarge(
          "takes " + out.size() + " bytes, at most " + bytesMax + " are allowed");
    }
    return out.toBytes();
  }

  /** Appends a value to other bytes, with version and kind. */
  public static void encode(ValueType type, @Nullable Object value, Encoder out) {
    out.u1(VERSION);
    Part.writeTag(type, out);
    type.write(value, out);
  }

  /** The value of bytes that {@link #encode} wrote, perhaps for an earlier or later form of the type. */
  public static @Nullable Object decode(ValueType type, byte[] bytes) {
    Decoder in = new Decoder(bytes);
    Object value = decode(type, in);
    in.end();
    return value;
  }

  /** Reads a value in the midst of other bytes. */
  public static @Nullable Object decode(ValueType type, Decoder in) {
    checkVersion(in);
    Part.readTag(type, "a value", in);
    return type.read(in);
  }

  static void checkVersion(Decoder in) {
    int version = in.u1();
    if (version != VERSION) {
      throw new ValueRefused(
          "is of format version %d, this build reads version %d; update this node"
              .formatted(version, VERSION));
    }
  }

  static @Nullable Object copy(ValueType type, @Nullable Object value) {
    Encoder out = new Encoder();
    type.write(value, out);
    return type.read(new Decoder(out.toBytes()));
  }
}
