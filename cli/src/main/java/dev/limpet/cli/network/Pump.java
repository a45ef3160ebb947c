package dev.limpet.cli.network;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/*
 * One thread reads and stamps, another waits until a piece is due and writes, so that a delay delays and does not
 * throttle. The queue between them is the network's buffer: while the link stalls it fills up, and then the sender
 * blocks, as it would on a half-open connection.
 *
 * The end of a connection is news that travels the link like bytes do: a node that is cut off does not hear of it. So
 * a failed write ends nothing but the socket that failed; the pump of the other direction reads its end there, and
 * tells it when its own link lets it.
 */
/** Carries the bytes of one connection in one direction, as the link of that direction lets them pass. */
final class Pump {
  private static final int PIECE_BYTES_MAX = 16 << 10;
  private static final int PIECES_MAX = 64;

  private final Socket source;
  private final Socket target;
  private final Link link;
  private final Random random;
  private final BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(PIECES_MAX);

  /** Bytes, and when they were read; without bytes it is the end. */
  private record Piece(byte[] bytes, long readNanos) {}

  Pump(Socket source, Socket target, Link link, long seed) {
    this.source = source;
    this.target = target;
    this.link = link;
    this.random = new Random(seed);
  }

  void start(String name) {
    Thread unusedReader = Thread.ofVirtual().name(name + "-reads").start(this::read);
    Thread unusedWriter = Thread.ofVirtual().name(name + "-writes").start(this::write);
  }

  private void read() {
    try {
      byte[] buffer = new byte[PIECE_BYTES_MAX];
      try {
        InputStream in = source.getInputStream();
        for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
          byte[] bytes = new byte[count];
          System.arraycopy(buffer, 0, bytes, 0, count);
          pieces.put(new Piece(bytes, System.nanoTime()));
        }
      } catch (IOException e) {
        // Reset rather than closed: the end all the same.
      }
      pieces.put(new Piece(new byte[0], System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    boolean broken = false;
    try {
      while (true) {
        Piece piece = pieces.take();
        int count = piece.bytes.length;
        if (!broken || count == 0) {
          link.awaitPassage(piece.readNanos, count, random.nextDouble(), random.nextDouble());
        }
        if (count == 0) {
          LinkProxy.close(target);
          return;
        }
        if (!broken) {
          broken = !wrote(piece.bytes);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LinkProxy.close(target);
    }
  }

  private boolean wrote(byte[] bytes) {
    int every = link.state().flipEveryBytes();
    if (every > 0 && random.nextInt(every) < bytes.length) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      link.flippedOne();
    }
    try {
      OutputStream out = target.getOutputStream();
      out.write(bytes);
      return true;
    } catch (IOException e) {
      LinkProxy.close(target);
      return false;
    }
  }
}
