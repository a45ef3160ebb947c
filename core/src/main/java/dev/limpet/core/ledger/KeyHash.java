package dev.limpet.core.ledger;

import java.nio.charset.StandardCharsets;

/**
 * SipHash-2-4 of a process's name under the cluster's secret, so that nobody outside can choose keys that share a shard.
 *
 * <p>Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
public final class KeyHash {
  /** The length of the secret. */
  public static final int KEY_BYTES = 16;

  private KeyHash() {}

  /** The shard, from 0 to {@code shards - 1}. */
  public static int shard(byte[] secret, String type, String key, int shards) {
    byte[] t = type.getBytes(StandardCharsets.UTF_8);
    byte[] k = key.getBytes(StandardCharsets.UTF_8);
    byte[] name = new byte[t.length + 1 + k.length];
    System.arraycopy(t, 0, name, 0, t.length);
    System.arraycopy(k, 0, name, t.length + 1, k.length);
    return (int) Long.remainderUnsigned(hash(secret, name), shards);
  }

  static long hash(byte[] secret, byte[] data) {
    long k0 = word(secret, 0, 8);
    long k1 = word(secret, 8, 8);
    long[] v = {
      k0 ^ 0x736f6d6570736575L,
      k1 ^ 0x646f72616e646f6dL,
      k0 ^ 0x6c7967656e657261L,
      k1 ^ 0x7465646279746573L
    };
    int whole = data.length & ~7;
    for (int at = 0; at < whole; at += 8) {
      absorb(v, word(data, at, 8));
    }
    absorb(v, word(data, whole, data.length - whole) | ((long) data.length << 56));
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) {
      round(v);
    }
    return v[0] ^ v[1] ^ v[2] ^ v[3];
  }

  private static void absorb(long[] v, long m) {
    v[3] ^= m;
    round(v);
    round(v);
    v[0] ^= m;
  }

  private static void round(long[] v) {
    v[0] += v[1];
    v[1] = Long.rotateLeft(v[1], 13) ^ v[0];
    v[0] = Long.rotateLeft(v[0], 32);
    v[2] += v[3];
    v[3] = Long.rotateLeft(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = Long.rotateLeft(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = Long.rotateLeft(v[1], 17) ^ v[2];
    v[2] = Long.rotateLeft(v[2], 32);
  }

  private static long word(byte[] from, int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (from[at + i] & 0xffL) << (8 * i);
    }
    return value;
  }
}
