package dev.limpet.transport;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A byte connection as the frame machinery needs it: one thread reads and may wait, any thread writes and never waits.
 * A socket, or TLS around one.
 */
interface Wire extends Closeable {
  /**
   * Reads what there is, waiting for the first byte. One thread only.
   *
   * @param timeoutNanos how long to wait; {@link Long#MAX_VALUE} for ever
   * @return bytes read, 0 when the time was over, -1 at the end
   */
  int read(ByteBuffer into, long timeoutNanos) throws IOException;

  /**
   * Writes what fits at once, perhaps nothing. One thread at a time. Not affected by the thread's interrupt status.
   *
   * @param from what was not taken must be offered again, unchanged, perhaps with more behind it
   * @return bytes taken
   */
  int write(ByteBuffer from) throws IOException;

  /** Waits until something can be written or the time is over. One thread at a time. */
  void awaitWritable(long timeoutNanos) throws IOException;

  /** Nothing is written any more: the other side reads what was, and then the end. What it sends is still read here. */
  void endOutput() throws IOException;

  /** Closes at once, waking whoever waits in it. Any thread; repeatable. */
  @Override
  void close();
}
