package dev.limpet.transport;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The incoming half of a connection: large reads, frames taken apart in place, one call per frame. One thread. */
final class FrameReader {
  private static final int BUFFER_BYTES = 64 << 10;

  /** What is done with the frames. Called on the reading thread. */
  interface Sink {
    void frame(byte type, int kind, long id, byte[] body) throws IOException;

    /** All frames of one read were given out; the next read may wait. */
    void readEnds() throws IOException;
  }

  private final Wire wire;
  private final int bodyBytesMax;
  private final Counters counters;
  private final Sink sink;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);

  // A frame whose body has not all come yet.
  private byte @Nullable [] body;
  private int bodyBytes;
  private byte type;
  private int kind;
  private long id;

  FrameReader(Wire wire, TransportConfig config, Counters counters, Sink sink) {
    this.wire = wire;
    this.bodyBytesMax = config.frameBytesMax() - Frame.HEADER_BYTES;
    this.counters = counters;
    this.sink = sink;
  }

  /** Reads until the peer closes between two frames. Anything else is thrown. */
  void readToEnd() throws IOException {
    while (true) {
      int n = wire.read(in, Long.MAX_VALUE);
      if (n < 0) {
        if (body != null || in.position() > 0) {
          throw new EOFException("the peer closed the connection in the middle of a frame");
        }
        return;
      }
      counters.bytesIn.add(n);
      in.flip();
      takeApart();
      in.compact();
      sink.readEnds();
    }
  }

  private void takeApart() throws IOException {
    while (true) {
      byte[] filling = body;
      if (filling == null) {
        if (in.remaining() < Frame.HEADER_BYTES) {
          return;
        }
        filling = readHeader();
      }
      int n = Math.min(in.remaining(), filling.length - bodyBytes);
      in.get(filling, bodyBytes, n);
      bodyBytes += n;
      if (bodyBytes < filling.length) {
        body = filling;
        return;
      }
      body = null;
      counters.framesIn.increment(); // before anyone can see what it leads to
      if (type != Frame.VOID) {
        sink.frame(type, kind, id, filling);
      }
    }
  }

  /** The array that the body goes into; its length was checked before it was made. */
  private byte[] readHeader() throws HostileBytes {
    int length = in.getInt();
    type = in.get();
    byte zero = in.get();
    kind = in.getShort() & Frame.KIND_MAX;
    id = in.getLong();
    if (length < 0 || length > bodyBytesMax) {
      throw new HostileBytes("frame of " + length + " bytes; the largest body is " + bodyBytesMax);
    }
    if (type < Frame.REQUEST || type > Frame.VOID || zero != 0) {
      throw new HostileBytes("frame of unknown type " + type);
    }
    bodyBytes = 0;
    return length == 0 ? Frame.EMPTY : new byte[length];
  }
}
