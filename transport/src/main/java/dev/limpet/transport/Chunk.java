package dev.limpet.transport;

import java.nio.ByteBuffer;

/**
 * A piece of the outgoing bytes: appended to at one end while the other is being written, through two views of the same
 * memory.
 */
final class Chunk {
  static final int BYTES = 64 << 10;

  final ByteBuffer in = ByteBuffer.allocateDirect(BYTES);
  final ByteBuffer out = in.duplicate();

  Chunk() {
    out.limit(0);
  }

  void clear() {
    in.clear();
    out.clear().limit(0);
  }
}
