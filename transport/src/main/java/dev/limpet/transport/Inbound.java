package dev.limpet.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request that reached this node. Answered once, by any thread, at any time; a second answer, or one after the
 * connection has ended, does nothing. Every request that is not one-way must be answered, for the peer may have only so
 * many unanswered ones.
 */
public final class Inbound {
  private static final VarHandle ANSWERED;

  static {
    try {
      ANSWERED = MethodHandles.lookup().findVarHandle(Inbound.class, "answered", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Served connection;
  private final long arrivedNanos;
  private final int kind;
  private final long id;
  private final byte[] body;

  @SuppressWarnings("unused") // through ANSWERED
  private volatile boolean answered;

  private @Nullable Consumer<Inbound> work;

  /** Who runs the work, and then writes what was answered meanwhile. */
  private @Nullable Thread runner;

  Inbound(Served connection, long arrivedNanos, boolean oneWay, int kind, long id, byte[] body) {
    this.connection = connection;
    this.arrivedNanos = arrivedNanos;
    this.kind = kind;
    this.id = id;
    this.body = body;
    this.answered = oneWay;
    this.oneWay = oneWay;
  }

  private final boolean oneWay;

  /** What the body is, in the node's own numbering: 0 to 65,535. */
  public int kind() {
    return kind;
  }

  /** The body; the receiver's own. */
  public byte[] body() {
    return body;
  }

  /** True when the sender wants no answer; answering does nothing then. */
  public boolean oneWay() {
    return oneWay;
  }

  /** When it was read, by System.nanoTime. */
  public long arrivedNanos() {
    return arrivedNanos;
  }

  /** The identity that the peer gave when it connected; not to be changed. */
  public byte[] peerHello() {
    return connection.peerHello();
  }

  /**
   * Has this request handled on a virtual thread, where the work may block as long as it likes. To be called on the
   * reading thread, within {@link Handler#onRequest}, at most once. The work begins when all requests of the same read
   * are handed out, in the order in which they came. A thread may run the work of one request after that of another, so
   * thread-locals that it sets may be seen by it again; an interrupt is not.
   */
  public void handle(Consumer<Inbound> how) {
    if (work != null) {
      throw new IllegalStateException("a request is handled once");
    }
    work = how;
    connection.handleSoon(this);
  }

  /** Runs the work. What it throws fails the request. */
  void run() {
    Consumer<Inbound> how = Objects.requireNonNull(work, "handled");
    Thread me = Thread.currentThread();
    runner = me;
    try {
      how.accept(this);
    } catch (Throwable e) {
      // Errors too: this thread has others' requests to run.
      boolean unused = fail("the handler failed: " + e);
      me.getUncaughtExceptionHandler().uncaughtException(me, e);
    } finally {
      boolean unused = Thread.interrupted();
    }
  }

  /** Whether what is answered on this thread now is written soon, without further ado. */
  boolean isBeingRunHere() {
    return runner == Thread.currentThread();
  }

  /**
   * Answers. The body must not be changed before this returns. A body that exceeds the largest frame fails the request
   * instead, and says so to the peer.
   *
   * @return whether the answer is on its way, which does not say that it arrives
   */
  public boolean reply(byte[] answer) {
    if (!ANSWERED.compareAndSet(this, false, true)) {
      return false;
    }
    int max = connection.bodyBytesMax();
    if (answer.length > max) {
      String text =
          "the answer of " + answer.length + " bytes exceeds the largest body, " + max + " bytes";
      connection.answer(this, Frame.FAILURE, id, text.getBytes(StandardCharsets.UTF_8));
      return false;
    }
    return connection.answer(this, Frame.REPLY, id, answer);
  }

  /** Fails the request: the peer's caller gets the message, and counts the request as one that may have run. */
  public boolean fail(String message) {
    if (!ANSWERED.compareAndSet(this, false, true)) {
      return false;
    }
    String text = message.length() > 512 ? message.substring(0, 512) : message;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int max = connection.bodyBytesMax();
    return connection.answer(this, Frame.FAILURE, id, bytes.length > max ? Frame.EMPTY : bytes);
  }
}
