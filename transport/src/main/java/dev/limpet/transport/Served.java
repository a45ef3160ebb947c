package dev.limpet.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection that a peer made: it asks, this node answers. Its thread reads and calls the handler; answers come from
 * any thread. Answers given on the reading thread leave together at the end of each read.
 */
/*
 * What bounds the answers. They must not block their thread, which may serve others too (a commit that releases a
 * hundred answers to ten peers). So the brake is on the other side: while more than half of the bound waits to be
 * written, the reader takes no further request. Answers to requests already taken may pass the bound, up to four times;
 * a peer that has asked for so much without reading it loses its connection.
 */
final class Served {
  private static final int ANSWERS_FACTOR = 4;

  private final Shared shared;
  private final InetSocketAddress peer;
  private final Wire wire;
  private final byte[] peerHello;
  private final FrameWriter writer;
  private final AtomicInteger unanswered = new AtomicInteger();
  private final Thread reader = Thread.currentThread();

  // The reading thread's: the requests that others are to run, and when the read began that brought
  // them.
  private final List<Inbound> soon = new ArrayList<>();
  private boolean readBegins = true;
  private long readAtNanos;

  /** To be made on the thread that then calls {@link #serve}. */
  Served(Shared shared, InetSocketAddress peer, Wire wire, byte[] peerHello) {
    this.shared = shared;
    this.peer = peer;
    this.wire = wire;
    this.peerHello = peerHello;
    this.writer =
        new FrameWriter(
            shared.config(),
            Math.min(Integer.MAX_VALUE, (long) ANSWERS_FACTOR * shared.config().pendingBytesMax()),
            shared.counters(),
            loop -> shared.threads().start("limpet-write-" + peer, loop),
            this::end);
  }

  /** Serves until the connection ends. */
  void serve() throws IOException {
    try {
      writer.open(wire);
      new FrameReader(wire, shared.config(), shared.counters(), new Requests()).readToEnd();
    } finally {
      writer.close();
    }
  }

  byte[] peerHello() {
    return peerHello;
  }

  int bodyBytesMax() {
    return shared.config().frameBytesMax() - Frame.HEADER_BYTES;
  }

  boolean answer(Inbound request, byte type, long id, byte[] body) {
    boolean moreLikely = unanswered.decrementAndGet() > 0;
    boolean cork = request.isBeingRunHere() || reader.equals(Thread.currentThread());
    return write(type, id, body, cork, moreLikely);
  }

  /** Has a request run when the read that brought it is taken apart; on the reading thread. */
  void handleSoon(Inbound request) {
    soon.add(request);
  }

  private void handleNow() {
    if (!soon.isEmpty()) {
      Relay.run(soon.toArray(Inbound[]::new), this);
      soon.clear();
    }
  }

  /** Writes the answers that wait for others. */
  void flush() {
    writer.flush();
  }

  private boolean write(byte type, long id, byte[] body, boolean cork, boolean gather) {
    long now = gather && !cork ? System.nanoTime() : 0;
    switch (writer.append(type, 0, id, body, null, cork, gather, now)) {
      case QUEUED -> {
        return true;
      }
      case CLOSED -> {
        return false;
      }
      case BUSY -> {
        end("the peer does not read its answers: " + writer.pendingBytes() + " bytes wait");
        return false;
      }
    }
    throw new IllegalStateException("no such outcome");
  }

  private void end(String why) {
    boolean unused =
        shared
            .log()
            .warn(
                peer.getAddress(), "connection of " + peer + " closed: " + why, System.nanoTime());
    writer.close();
    wire.close();
  }

  private final class Requests implements FrameReader.Sink {
    @Override
    public void frame(byte type, int kind, long id, byte[] body) throws IOException {
      if (type != Frame.REQUEST && type != Frame.ONE_WAY) {
        throw new HostileBytes("frame of type " + type + " where only requests are expected");
      }
      if (shared.passage() != Passage.OPEN) {
        handleNow(); // what came before this frame waits for nothing
        shared.passage().await(peerHello);
        readBegins = true; // only now has it arrived
      }
      brake();
      boolean oneWay = type == Frame.ONE_WAY;
      if (!oneWay && unanswered.incrementAndGet() > shared.config().inFlightMax()) {
        unanswered.decrementAndGet();
        boolean unused = write(Frame.OVERLOAD, id, Frame.EMPTY, true, false);
        return;
      }
      if (readBegins) {
        readBegins = false;
        readAtNanos = System.nanoTime();
      }
      Inbound request = new Inbound(Served.this, readAtNanos, oneWay, kind, id, body);
      try {
        shared.handler().onRequest(request);
      } catch (RuntimeException e) {
        boolean unused = request.fail("the handler failed: " + e);
      }
    }

    /** Sends the answers that were given on this thread. */
    @Override
    public void readEnds() {
      readBegins = true;
      handleNow();
      writer.flush();
    }

    private void brake() throws IOException {
      int half = shared.config().pendingBytesMax() / 2;
      if (writer.pendingBytes() > half) {
        handleNow();
        writer.flush();
        try {
          writer.awaitPendingAtMost(half);
        } catch (InterruptedException e) {
          throw new IOException("interrupted", e);
        }
      }
    }
  }
}
