package dev.limpet.transport;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The outgoing half of a connection: many threads append frames, one of them at a time writes. */
/*
 * Problem. A hand-over to a writer thread costs more than the whole rest of a call, and a system call per frame costs
 * more than ten frames' work.
 *
 * Idea. A frame is appended under a short lock. Whoever finds nobody writing becomes the writer. That alone would make
 * one system call per frame when many virtual threads take turns on few cores, so each frame is in somebody's care: its
 * own caller's who writes it at once; or, where more frames are likely to come (gather), a volunteer's, who yields first,
 * so that the runnable ones append, and then writes them all at once; or of one who has promised to flush soon (cork). A
 * volunteer holds nothing: when it is late, the next one volunteers; when enough bytes wait, it writes. A writer goes on only
 * for frames that are in nobody else's care: who finds somebody writing leaves its frames to it (due).
 *
 * What can go wrong. (1) A caller held captive by others' traffic: after a few rounds it hands the writing over to a
 * thread made for that. (2) A peer that does not read: writes never block; a full socket is handed over too, that thread
 * waits, and closes the connection when nothing moves for the stall time-out; pending bytes are bounded. (3) Wrong
 * answers about what left: bytes count as attempted before they are given to the socket, so a frame that ends beyond
 * the attempted bytes was certainly not received, and one that begins beyond them can still be voided in place.
 */
final class FrameWriter {
  enum Outcome {
    QUEUED,
    BUSY,
    CLOSED
  }

  /** Who carries on when a caller does not: starts the given loop once, on a thread of its own. */
  interface Spare {
    Thread start(Runnable loop);
  }

  private static final int ROUNDS_MAX = 8;
  private static final int CORKED_BYTES = Chunk.BYTES;
  private static final int GATHERED_BYTES = 16 << 10;

  /** Longer than the runnable threads take that a volunteer lets go first, when many calls are under way. */
  private static final long VOLUNTEER_LATE_NANOS = 1_000_000;

  private static final int SPARE_CHUNKS_MAX = 4;

  private static final VarHandle APPENDED;
  private static final VarHandle WRITTEN;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      APPENDED = lookup.findVarHandle(FrameWriter.class, "appended", long.class);
      WRITTEN = lookup.findVarHandle(FrameWriter.class, "written", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Object lock = new Object();
  private final long pendingBytesMax;
  private final long stallNanos;
  private final Counters counters;
  private final Spare spare;
  private final Consumer<String> broken;

  // All guarded by lock; appended and written may be looked at without it.
  private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
  private final ArrayDeque<Chunk> spareChunks = new ArrayDeque<>();
  private @Nullable Wire wire; // null until opened
  private boolean writing = true; // until opened, nobody may
  private boolean closed;
  private boolean volunteered;
  private long volunteeredAt;
  private long appended; // bytes since the beginning
  private int frames; // appended since they were last counted
  private long attempted;
  private long written;
  private long due; // who writes goes on up to here
  private @Nullable Thread spareThread;
  private boolean handedOver;
  private boolean somebodyWaits;

  /**
   * @param broken told, on the thread that noticed, why the connection cannot be written to any more
   */
  FrameWriter(
      TransportConfig config,
      long pendingBytesMax,
      Counters counters,
      Spare spare,
      Consumer<String> broken) {
    this.pendingBytesMax = pendingBytesMax;
    this.stallNanos = config.stallTimeout().toNanos();
    this.counters = counters;
    this.spare = spare;
    this.broken = broken;
  }

  /** Begins to write to the wire what was appended so far and what will be. Once. */
  void open(Wire to) {
    synchronized (lock) {
      wire = to;
      due = appended;
    }
    drain(to);
  }

  /**
   * Appends a frame, and writes it if nobody else does.
   *
   * @param call whose frame it is, to be told its place, if it is a request
   * @param cork leave the writing to a later {@link #flush}, which the caller promises, unless much waits
   * @param gather others are likely to append soon
   * @param nowNanos System.nanoTime, read a moment ago; of no account without gather
   */
  Outcome append(
      byte type,
      int kind,
      long id,
      byte[] body,
      @Nullable Call call,
      boolean cork,
      boolean gather,
      long nowNanos) {
    @Nullable Wire to;
    boolean yieldFirst = false;
    synchronized (lock) {
      if (closed) {
        return Outcome.CLOSED;
      }
      if (appended - written + Frame.HEADER_BYTES + body.length > pendingBytesMax) {
        return Outcome.BUSY;
      }
      if (call != null && call.takenBack) {
        return Outcome.QUEUED;
      }
      put(type, kind, id, body, call);
      if (cork && appended - attempted < CORKED_BYTES) {
        return Outcome.QUEUED;
      }
      // Yielding is for virtual threads: a platform thread would give away a slice of the
      // processor.
      if (gather
          && wire != null
          && appended - attempted < GATHERED_BYTES
          && Thread.currentThread().isVirtual()) {
        if (volunteered && nowNanos - volunteeredAt < VOLUNTEER_LATE_NANOS) {
          return Outcome.QUEUED;
        }
        volunteered = true;
        volunteeredAt = nowNanos;
        yieldFirst = true;
      } else {
        due = appended;
        if (writing) {
          return Outcome.QUEUED;
        }
        writing = true;
      }
      to = wire;
    }
    if (yieldFirst) {
      gather();
      flush();
    } else if (to != null) {
      drain(to);
    }
    return Outcome.QUEUED;
  }

  @SuppressWarnings("ThreadPriorityCheck") // nothing rests on it but the size of a batch
  private static void gather() {
    Thread.yield();
  }

  /** Writes what is pending; if somebody is at it, leaves it to them. */
  void flush() {
    Wire to;
    synchronized (lock) {
      volunteered = false;
      due = appended;
      to = wire;
      if (writing || closed || to == null || due == written) {
        return;
      }
      writing = true;
    }
    drain(to);
  }

  /** Takes the call's frame back if nothing of it was attempted. True when it certainly never leaves. */
  boolean takeBack(Call call) {
    synchronized (lock) {
      if (call.startsAt < attempted) {
        return false;
      }
      call.takenBack = true;
      if (call.chunk != null) {
        call.chunk.in.put(call.typeAt, Frame.VOID);
      }
      return true;
    }
  }

  /** After {@link #close}: whether the call's whole frame may have reached the peer. */
  boolean mayHaveLeft(Call call) {
    synchronized (lock) {
      return call.endsAt <= attempted;
    }
  }

  /** Waits until at most so many bytes are pending, or it is closed. */
  void awaitPendingAtMost(int bytes) throws InterruptedException {
    synchronized (lock) {
      while (!closed && appended - written > bytes) {
        somebodyWaits = true;
        lock.wait(1000);
      }
    }
  }

  /** About, as of a moment ago; without the lock. */
  long pendingBytes() {
    long before = (long) WRITTEN.getOpaque(this);
    return (long) APPENDED.getOpaque(this) - before;
  }

  /** Nothing is appended or attempted any more. */
  void close() {
    @Nullable Thread wake;
    synchronized (lock) {
      closed = true;
      wake = spareThread;
      lock.notifyAll();
    }
    LockSupport.unpark(wake);
  }

  // ---- appending, under lock

  private void put(byte type, int kind, long id, byte[] body, @Nullable Call call) {
    Chunk tail = chunks.peekLast();
    if (tail == null || tail.in.remaining() < Frame.HEADER_BYTES) {
      tail = addChunk();
    }
    ByteBuffer in = tail.in;
    if (call != null) {
      call.startsAt = appended;
      call.endsAt = appended + Frame.HEADER_BYTES + body.length;
      call.chunk = tail;
      call.typeAt = in.position() + Frame.TYPE_AT;
    }
    in.putInt(body.length).put(type).put((byte) 0).putShort((short) kind).putLong(id);
    int from = 0;
    while (true) {
      int n = Math.min(in.remaining(), body.length - from);
      in.put(body, from, n);
      from += n;
      if (from == body.length) {
        break;
      }
      in = addChunk().in;
    }
    appended += Frame.HEADER_BYTES + body.length;
    frames++;
  }

  private Chunk addChunk() {
    Chunk chunk = spareChunks.pollLast();
    if (chunk == null) {
      chunk = new Chunk();
    }
    chunks.addLast(chunk);
    return chunk;
  }

  // ---- writing, by whoever set writing

  private void drain(Wire to) {
    for (int round = 0; round < ROUNDS_MAX; round++) {
      Round result = writeOnce(to);
      if (result == Round.DONE) {
        return;
      }
      if (result == Round.FULL) {
        break;
      }
    }
    handOver(to);
  }

  private enum Round {
    DONE,
    MORE,
    FULL
  }

  /** One write. DONE: all that was due is written, and this thread is not the writer any more. */
  private Round writeOnce(Wire to) {
    ByteBuffer out;
    int more;
    synchronized (lock) {
      Chunk head = nextChunk();
      more = frames;
      frames = 0;
      if (closed || head == null) {
        writing = false;
        return Round.DONE;
      }
      out = head.out;
      out.limit(head.in.position());
      attempted = written + out.remaining();
    }
    counters.framesOut.add(more);
    int n;
    try {
      n = to.write(out);
    } catch (IOException e) {
      fail("writing failed: " + e.getMessage());
      return Round.DONE;
    }
    counters.bytesOut.add(n);
    synchronized (lock) {
      written += n;
      if (somebodyWaits) {
        somebodyWaits = false;
        lock.notifyAll();
      }
      if (out.hasRemaining()) {
        return Round.FULL;
      }
      if (written < due) {
        return Round.MORE;
      }
      if (appended == written) {
        nextChunk();
      }
      writing = false;
      return Round.DONE;
    }
  }

  /** The first chunk with bytes to write; written ones are kept for later or dropped. */
  private @Nullable Chunk nextChunk() {
    while (true) {
      Chunk head = chunks.peekFirst();
      if (head == null || head.out.position() < head.in.position()) {
        return head;
      }
      if (chunks.size() == 1) {
        head.clear();
        return null;
      }
      chunks.pollFirst();
      if (spareChunks.size() < SPARE_CHUNKS_MAX) {
        head.clear();
        spareChunks.addLast(head);
      }
    }
  }

  private void fail(String why) {
    close();
    broken.accept(why);
  }

  // ---- the spare thread

  private void handOver(Wire to) {
    @Nullable Thread wake = null;
    try {
      synchronized (lock) {
        handedOver = true;
        if (spareThread == null && !closed) {
          spareThread = spare.start(() -> carryOn(to));
        }
        wake = spareThread;
      }
    } catch (
        OutOfMemoryError
            e) { // no thread to be had: better no connection than one that nobody writes to
      fail("no thread could be started to write: " + e.getMessage());
    }
    LockSupport.unpark(wake);
  }

  private void carryOn(Wire to) {
    while (true) {
      boolean mine;
      synchronized (lock) {
        if (closed) {
          return;
        }
        mine = handedOver;
        handedOver = false;
      }
      if (mine) {
        writeAll(to);
      } else {
        LockSupport.park(this);
      }
    }
  }

  private void writeAll(Wire to) {
    long movedAt = System.nanoTime();
    long last = writtenSoFar();
    while (true) {
      Round round = writeOnce(to);
      if (round == Round.DONE) {
        return;
      }
      long now = System.nanoTime();
      long current = writtenSoFar();
      if (current != last) {
        last = current;
        movedAt = now;
      }
      if (round == Round.FULL) {
        long left = stallNanos - (now - movedAt);
        if (left <= 0) {
          counters.stalls.increment();
          fail("the peer has read nothing for " + stallNanos / 1_000_000 + " ms");
          return;
        }
        try {
          to.awaitWritable(left);
        } catch (IOException e) {
          fail("waiting to write failed: " + e.getMessage());
          return;
        }
      }
    }
  }

  private long writtenSoFar() {
    synchronized (lock) {
      return written;
    }
  }
}
