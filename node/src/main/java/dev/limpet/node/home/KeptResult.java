package dev.limpet.node.home;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.values.Thrown;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a call with an idempotency key answered, kept to be answered again.
 *
 * @param digest of the method and its arguments: the same key with others is refused
 * @param thrown whether the answer is a declared exception; then the payload is its class name and message
 * @param savedAtMillis wall-clock time, for forgetting
 */
record KeptResult(
    String method, byte[] digest, boolean thrown, byte[] payload, long savedAtMillis) {
  private static final int VERSION = 1;
  private static final int PAYLOAD_BYTES_MAX = 16 << 20;

  boolean isFor(String otherMethod, byte[] otherDigest) {
    return method.equals(otherMethod) && Arrays.equals(digest, otherDigest);
  }

  static KeptResult thrown(String method, byte[] digest, Thrown answer, long now) {
    @Nullable String message = answer.message();
    ByteWriter payload = new ByteWriter().text(answer.type()).bool(message != null);
    if (message != null) {
      payload.text(message);
    }
    return new KeptResult(method, digest, true, payload.toBytes(), now);
  }

  Thrown asThrown() {
    ByteReader in = new ByteReader(payload);
    return new Thrown(in.text(PAYLOAD_BYTES_MAX), in.bool() ? in.text(PAYLOAD_BYTES_MAX) : null);
  }

  byte[] encode() {
    return new ByteWriter(payload.length + 96)
        .u8(VERSION)
        .text(method)
        .block(digest)
        .bool(thrown)
        .number(savedAtMillis)
        .raw(payload)
        .toBytes();
  }

  static KeptResult decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int version = in.u8();
    if (version != VERSION) {
      throw new ByteReader.Malformed("a kept result of version " + version);
    }
    String method = in.text(1024);
    byte[] digest = in.block(64);
    boolean thrown = in.bool();
    long savedAt = in.number();
    return new KeptResult(method, digest, thrown, in.rest(), savedAt);
  }
}
