package dev.limpet.edge;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/*
 * The problem: Helidon reads from a connection on a virtual thread without any time limit, so a client that sends one
 * byte a minute, or never takes its answer, holds the connection for ever; and it closes a connection with input unread,
 * whereupon TCP resets it and the client may never see the 413 or 400 that says why.
 *
 * The idea: each connection has one deadline, which its own thread moves on as it goes from waiting to reading to
 * writing, and which a sweeper looks at. A connection past its deadline is closed by interrupting its thread (which
 * closes an NIO channel). A refused request's leftover input is read and dropped for a moment before the close.
 *
 * What can go wrong: an interrupt that hits the thread when it is already in a call. So the deadline and the decision
 * to close are under one lock, and a running call has no deadline here.
 */

/** One connection of the edge, and how long it may take for what it does. */
final class ConnectionGuard implements ServerConnection {
  private static final ScopedValue<ConnectionGuard> CURRENT = ScopedValue.newInstance();
  private static final long NEVER = Long.MAX_VALUE;
  private static final long LINGER_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int LINGER_BYTES_MAX = 64 << 20;

  private enum Phase {
    BETWEEN,
    HEAD,
    BODY,
    RUNNING,
    WRITING,
    LINGER
  }

  private final ConnectionGuards guards;
  private final EdgeSettings settings;
  private final GuardedContext context;
  private final ServerConnection http;
  private final Object lock = new Object();
  private Phase phase = Phase.BETWEEN;
  private long startedNanos;
  private long allowedNanos;
  private boolean cut;
  private boolean ended;
  private @Nullable Thread thread;
  // of the connection's own thread
  private boolean endOfInput;
  private boolean inputLeft;

  ConnectionGuard(
      ConnectionGuards guards,
      EdgeSettings settings,
      ConnectionContext socket,
      Function<ConnectionContext, ServerConnection> http) {
    this.guards = guards;
    this.settings = settings;
    this.context = new GuardedContext(socket, DataReader.create(() -> receive(socket)));
    this.http = http.apply(context);
    // a connection that says nothing at all is given no longer than a head
    startedNanos = System.nanoTime();
    allowedNanos = settings.headTime().toNanos();
  }

  /** The guard of the connection whose thread this is. */
  static ConnectionGuard current() {
    return CURRENT.get();
  }

  @Override
  public void handle(Limit limit) throws InterruptedException {
    synchronized (lock) {
      thread = Thread.currentThread();
    }
    boolean within = guards.opened(this);
    try {
      if (within) {
        serve(limit);
      } else {
        writing();
        context.dataWriter().writeNow(BufferData.create(ServerProblems.tooManyConnections()));
        linger();
      }
    } finally {
      guards.closed(this);
      synchronized (lock) {
        ended = true;
        thread = null;
      }
      // the interrupt that cut this connection off is not meant for what its thread does next
      boolean cutOff = Thread.interrupted();
      assert !cutOff || isCut();
    }
  }

  private void serve(Limit limit) throws InterruptedException {
    try {
      ScopedValue.where(CURRENT, this)
          .<@Nullable Void, InterruptedException>call(() -> {
            http.handle(limit);
            return null;
          });
      // it ended with an answer of the server's own to a request that it could not read
      linger();
    } catch (CloseConnectionException e) {
      if (inputLeft) {
        linger();
      }
      throw e;
    }
  }

  /** The request's body is being read. */
  void readingBody() {
    enter(Phase.BODY, settings.bodyTime());
  }

  /** The request is carried out; there is no deadline here, since calls have their own. */
  void running() {
    enter(Phase.RUNNING, null);
  }

  /** An answer or a piece of a stream is being written. */
  void writing() {
    enter(Phase.WRITING, settings.writeTime());
  }

  /** The answer is written; what is left of the body is dropped, and the next request may come. */
  void between() {
    enter(Phase.BETWEEN, settings.idleTime());
  }

  /** The connection will be closed although the client may still be sending. */
  void inputLeft() {
    inputLeft = true;
  }

  /** Closes the connection from any thread, whatever it is doing. */
  void cutOff() {
    synchronized (lock) {
      if (!ended && !cut) {
        cut = true;
        if (thread != null) {
          thread.interrupt();
        }
      }
    }
  }

  /** Closes the connection if it is past its deadline. */
  void sweep(long nowNanos) {
    synchronized (lock) {
      if (allowedNanos != NEVER && nowNanos - startedNanos > allowedNanos) {
        cutOff();
      }
    }
  }

  boolean isCut() {
    synchronized (lock) {
      return cut;
    }
  }

  @Override
  public Duration idleTime() {
    return http.idleTime();
  }

  @Override
  public void close(boolean interrupt) {
    http.close(interrupt);
  }

  private void enter(Phase next, @Nullable Duration allowed) {
    synchronized (lock) {
      if (cut) {
        throw new CloseConnectionException("the connection took too long and was cut off");
      }
      phase = next;
      startedNanos = System.nanoTime();
      allowedNanos = allowed == null ? NEVER : allowed.toNanos();
    }
  }

  private byte @Nullable [] receive(ConnectionContext socket) {
    byte[] bytes;
    try {
      bytes = socket.serverSocket().get();
    } catch (UncheckedIOException e) {
      endOfInput = true;
      throw new ServerConnectionException("Failed to get data from socket", e);
    }
    if (bytes == null) {
      endOfInput = true;
      return null;
    }
    synchronized (lock) {
      if (phase == Phase.BETWEEN) {
        phase = Phase.HEAD;
        startedNanos = System.nanoTime();
        allowedNanos = settings.headTime().toNanos();
      }
    }
    return bytes;
  }

  /** Lets the client read the last answer before the close: drops what it still sends, until it stops or a second passed. */
  private void linger() {
    try {
      enter(Phase.LINGER, Duration.ofNanos(LINGER_NANOS));
      long dropped = 0;
      while (!endOfInput && dropped < LINGER_BYTES_MAX) {
        byte[] bytes = context.socket.serverSocket().get();
        if (bytes == null) {
          return;
        }
        dropped += bytes.length;
      }
    } catch (UncheckedIOException | CloseConnectionException e) {
      // it is being closed anyway
      endOfInput = true;
    }
  }
}
