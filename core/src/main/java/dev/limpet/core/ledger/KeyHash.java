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
    Sip sip = new Sip(secret);
    sip.text(type);
    sip.one(0);
    sip.text(key);
    return (int) Long.remainderUnsigned(sip.end(), shards);
  }

  static long hash(byte[] secret, byte[] data) {
    Sip sip = new Sip(secret);
    sip.bytes(data);
    return sip.end();
  }

  /** A hash under way. The data come byte by byte, so that a name need not be put together first. */
  private static final class Sip {
    private static final int WORD_BYTES = 8;

    private long v0;
    private long v1;
    private long v2;
    private long v3;

    /** The word that is not whole yet. */
    private long word;

    private int length;

    Sip(byte[] secret) {
      long k0 = word(secret, 0);
      long k1 = word(secret, WORD_BYTES);
      v0 = k0 ^ 0x736f6d6570736575L;
      v1 = k1 ^ 0x646f72616e646f6dL;
      v2 = k0 ^ 0x6c7967656e657261L;
      v3 = k1 ^ 0x7465646279746573L;
    }

    private static long word(byte[] from, int at) {
      long value = 0;
      for (int i = 0; i < WORD_BYTES; i++) {
        value |= (from[at + i] & 0xffL) << (8 * i);
      }
      return value;
    }

    /** In UTF-8. */
    void text(String text) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c >= 0x80) {
          bytes(text.substring(i).getBytes(StandardCharsets.UTF_8));
          return;
        }
        one(c);
      }
    }

    void bytes(byte[] data) {
      for (byte b : data) {
        one(b & 0xff);
      }
    }

    void one(int value) {
      word |= (long) value << (8 * (length & 7));
      length++;
      if ((length & 7) == 0) {
        absorb(word);
        word = 0;
      }
    }

    long end() {
      absorb(word | ((long) length << 56));
      v2 ^= 0xff;
      for (int i = 0; i < 4; i++) {
        round();
      }
      return v0 ^ v1 ^ v2 ^ v3;
    }

    private void absorb(long m) {
      v3 ^= m;
      round();
      round();
      v0 ^= m;
    }

    private void round() {
      v0 += v1;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v3;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 += v3;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v2 = Long.rotateLeft(v2, 32);
    }
  }
}
