package dev.limpet.transport;

import dev.limpet.transport.LinkException.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection that this node made: it asks, the peer answers. Lives once:
 *
 * <pre>
 *   connecting ──hellos accepted──> connected ──end, error, stall, close──> ended
 *        └──────────────refused, time-out, close───────────────────────────────^
 * </pre>
 *
 * <p>Requests may be made from the first moment; while it connects they wait in the writer, which is not open yet. Its
 * thread connects, says hello and then reads.
 */
final class Dialed {
  private final Shared shared;
  private final InetSocketAddress address;
  private final BiConsumer<Dialed, LinkException> onEnd;
  private final Calls calls;
  private final FrameWriter writer;
  private final Object guard = new Object();
  private @Nullable AutoCloseable socket; // guarded by guard; the channel, later its wire
  private @Nullable LinkException end; // guarded by guard
  private volatile boolean ended;
  private volatile byte @Nullable [] peerHello;
  private volatile long connectedAtNanos;
  private volatile boolean answered;

  /**
   * @param onEnd told once, with the reason, before its requests fail
   */
  Dialed(Shared shared, InetSocketAddress address, BiConsumer<Dialed, LinkException> onEnd) {
    this.shared = shared;
    this.address = address;
    this.onEnd = onEnd;
    this.calls = new Calls(shared.config().inFlightMax());
    this.writer =
        new FrameWriter(
            shared.config(),
            shared.config().pendingBytesMax(),
            shared.counters(),
            loop -> shared.threads().start("limpet-write-" + address, loop),
            why -> end(Reason.LOST, why));
  }

  void start() {
    try {
      shared.threads().start("limpet-link-" + address, this::run);
    } catch (OutOfMemoryError e) { // no thread to be had
      end(Reason.NOT_CONNECTED, "no thread could be started to connect: " + e.getMessage());
    }
  }

  boolean hasEnded() {
    return ended;
  }

  /** The peer's identity, once connected. */
  byte @Nullable [] peerHello() {
    return peerHello;
  }

  /** Whether it ever brought an answer or lived for a while: otherwise it counts as an attempt that failed. */
  boolean wasOfUse() {
    long least = shared.config().backOffMax().toNanos();
    return answered || (peerHello != null && System.nanoTime() - connectedAtNanos > least);
  }

  int inFlight() {
    return calls.size();
  }

  /**
   * Sends a request. The call ends exactly once, perhaps before this returns.
   *
   * @param nowNanos System.nanoTime, read a moment ago
   * @return false when the connection has ended and the call was not taken: try another
   */
  boolean request(int kind, byte[] body, Call call, long nowNanos) {
    long id = calls.add(call);
    if (id == Calls.CLOSED) {
      return false;
    }
    if (id == Calls.FULL) {
      shared.counters().busy.increment();
      call.fail(
          Reason.BUSY,
          false,
          calls.size() + " requests to " + address + " wait for their answers; ask less");
      return true;
    }
    boolean gather = calls.size() > 1;
    switch (writer.append(Frame.REQUEST, kind, id, body, call, false, gather, nowNanos)) {
      case QUEUED -> {}
      case BUSY -> {
        if (calls.remove(id) != null) {
          call.fail(Reason.BUSY, false, busyText());
        }
      }
      case CLOSED -> {
        // Whoever closed the writer ends the call, unless it was faster removed here.
        return calls.remove(id) == null;
      }
    }
    return true;
  }

  /** Sends what wants no answer. False when the connection has ended. */
  boolean send(int kind, byte[] body) {
    return switch (writer.append(Frame.ONE_WAY, kind, 0, body, null, false, false, 0)) {
      case QUEUED -> true;
      case CLOSED -> false;
      case BUSY -> throw new LinkException(Reason.BUSY, false, busyText());
    };
  }

  private String busyText() {
    shared.counters().busy.increment();
    return writer.pendingBytes()
        + " bytes to "
        + address
        + " wait to be written: the peer reads too slowly; ask less";
  }

  /** Takes a call out that its caller no longer waits for. Null when it has ended already. */
  @Nullable Boolean abandon(Call call) {
    return calls.remove(call.id) == null ? null : !writer.takeBack(call);
  }

  /** Ends the calls that belong to a bundle. */
  void giveUp(Bundle bundle) {
    calls.removeOf(bundle).forEach(this::failGivenUp);
  }

  /** Ends one call, unless it has ended. */
  void giveUp(Call call) {
    if (calls.remove(call.id) != null) {
      failGivenUp(call);
    }
  }

  private void failGivenUp(Call call) {
    call.fail(Reason.GIVEN_UP, !writer.takeBack(call), "the peer behind " + address + " has ended");
  }

  /** Ends the calls whose deadline has passed; true when others wait. */
  boolean sweep(long nowNanos) {
    for (Call call : calls.removeExpired(nowNanos)) {
      shared.counters().deadlines.increment();
      boolean mayHaveRun = !writer.takeBack(call);
      call.fail(
          Reason.DEADLINE,
          mayHaveRun,
          mayHaveRun
              ? address + " did not answer in time"
              : address + " could not be reached in time");
    }
    return calls.size() > 0;
  }

  /** Ends the connection if nothing waits on it; false when something does. */
  boolean endIfIdle() {
    if (writer.pendingBytes() > 0 || !calls.closeIfEmpty()) {
      return false;
    }
    end(Reason.CLOSED, "replaced by a newer connection to " + address);
    return true;
  }

  /** Ends the connection and fails all its requests. The first reason counts. */
  void end(Reason reason, String why) {
    AutoCloseable open;
    LinkException cause;
    synchronized (guard) {
      if (end != null) {
        return;
      }
      end = cause = new LinkException(reason, false, why);
      open = socket;
    }
    // First the link, so that a caller who fails below and asks again meets the pause, not a new
    // attempt.
    onEnd.accept(this, cause);
    ended = true;
    writer.close();
    closeQuietly(open);
    for (Call call : calls.close()) {
      call.fail(reason, writer.mayHaveLeft(call), why);
    }
  }

  // ---- its thread

  private void run() {
    try (SocketChannel channel = SocketChannel.open()) {
      own(channel);
      channel
          .socket()
          .connect(address, Math.toIntExact(shared.config().connectTimeout().toMillis()));
      refuseSelf(channel);
      try (SocketWire plain = new SocketWire(channel);
          Wire wire = secured(plain)) {
        byte[] theirs =
            new Opening(wire, shared.greeting(), address, shared.config().helloTimeout().toNanos())
                .dial();
        connectedAtNanos = System.nanoTime();
        peerHello = theirs;
        shared.counters().connects.increment();
        writer.open(wire);
        new FrameReader(wire, shared.config(), shared.counters(), new Answers(theirs)).readToEnd();
        fail(Reason.LOST, address + " closed the connection");
      }
    } catch (HostileBytes e) {
      shared.counters().hostile.increment();
      boolean unused =
          shared
              .log()
              .warn(
                  address.getAddress(),
                  "hostile",
                  address + " sent hostile bytes: " + e.getMessage(),
                  System.nanoTime());
      fail(Reason.LOST, address + " is no Limpet node: " + e.getMessage());
    } catch (Refusal e) {
      shared.counters().refusals.increment();
      warn(String.valueOf(e.getMessage()));
      // Once hellos were exchanged, it is TLS that was broken off.
      Reason reason = peerHello == null ? Reason.HELLO_REFUSED : Reason.LOST;
      fail(reason, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      String what = peerHello == null ? "no connection to " : "lost the connection to ";
      fail(Reason.LOST, what + address + ": " + e.getMessage());
    } finally {
      // Does nothing but after an error, or a Greeting that throws.
      fail(Reason.LOST, "connection to " + address + " failed by a bug, see the log");
    }
  }

  private Wire secured(SocketWire plain) throws IOException {
    own(plain);
    Tls tls = shared.tls();
    return tls == null
        ? plain
        : TlsWire.dial(
            plain, tls, address, shared.counters(), shared.config().helloTimeout().toNanos());
  }

  private void fail(Reason reason, String why) {
    if (peerHello != null) {
      end(reason, why);
      return;
    }
    if (!ended) {
      shared.counters().connectFailures.increment();
    }
    end(reason == Reason.LOST ? Reason.NOT_CONNECTED : reason, why);
  }

  // On loopback a port that nobody listens on can be given to this very connection, which then
  // connects to itself.
  private void refuseSelf(SocketChannel channel) throws IOException {
    if (channel.getLocalAddress().equals(channel.getRemoteAddress())) {
      throw new ConnectException("Connection refused (the connection met itself)");
    }
  }

  private void own(AutoCloseable closeable) throws IOException {
    synchronized (guard) {
      if (end != null) {
        closeQuietly(closeable);
        throw new SocketException("closed while connecting");
      }
      socket = closeable;
    }
  }

  private static void closeQuietly(@Nullable AutoCloseable closeable) {
    try {
      if (closeable != null) {
        closeable.close();
      }
    } catch (Exception e) { // declared by AutoCloseable; the connection is over either way
      System.getLogger(Dialed.class.getName()).log(System.Logger.Level.DEBUG, "closing failed", e);
    }
  }

  private void warn(String message) {
    boolean unused = shared.log().warn(address.getAddress(), message, System.nanoTime());
  }

  private final class Answers implements FrameReader.Sink {
    private final byte[] from;

    Answers(byte[] from) {
      this.from = from;
    }

    @Override
    public void frame(byte type, int kind, long id, byte[] body) throws IOException {
      if (type != Frame.REPLY && type != Frame.FAILURE && type != Frame.OVERLOAD) {
        throw new HostileBytes("frame of type " + type + " where only answers are expected");
      }
      shared.passage().await(from);
      if (!answered) {
        answered = true;
      }
      Call call = calls.remove(id);
      if (call == null) {
        shared.counters().lateReplies.increment();
        return;
      }
      switch (type) {
        case Frame.REPLY -> call.succeed(body);
        case Frame.FAILURE ->
            call.fail(Reason.FAILED, true, new String(body, StandardCharsets.UTF_8));
        default -> {
          shared.counters().busy.increment();
          call.fail(Reason.BUSY, false, address + " has too many unanswered requests; ask less");
        }
      }
    }

    @Override
    public void readEnds() {}
  }
}
