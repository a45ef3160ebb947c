package dev.limpet.transport;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs the requests that one read brought, off the reading thread: on as few virtual threads as will do, and on as many as
 * it takes for none to wait behind one that blocks.
 */
/*
 * A virtual thread for each request is the obvious way. Starting and ending one costs as much as a short turn, and each
 * answers for itself, so answers leave one by one. Most turns do not block.
 *
 * So the runner takes one request after the other. Before it begins with one, it sees to it that another runner is on its
 * way, at most one: the reliever. That one stands in the scheduler's queue like any virtual thread. If the first never
 * blocks, it is reached when all is done and finds nothing, and one start was in vain for the whole read. If the first
 * blocks, or has the processor for long while another is free, the reliever is reached at once, takes the next request,
 * and has a reliever of its own.
 *
 * Answers that a runner gives wait for each other: they are written when it has run out of requests. One that blocks
 * owes them, so a reliever begins by writing what is owed, after it has taken its own request. That order matters for
 * who takes the last one and blocks in it: the reliever that it called before an earlier one either takes its turn later,
 * and writes what is owed by then, or has taken a request in between, and calls another that does.
 */
final class Relay implements Runnable {
  /** Let go of as they are taken: one that blocks for long keeps none of the others in memory. */
  private final @Nullable Inbound[] requests;

  private final Served connection;
  private final AtomicInteger next = new AtomicInteger();

  /** Whether a runner was started that has not begun yet. */
  private final AtomicBoolean relieved = new AtomicBoolean();

  private Relay(@Nullable Inbound[] requests, Served connection) {
    this.requests = requests;
    this.connection = connection;
  }

  /**
   * Has them run.
   *
   * @param requests in this order they begin; at least one. The relay's own from here on
   */
  static void run(@Nullable Inbound[] requests, Served connection) {
    Thread unused = Thread.startVirtualThread(new Relay(requests, connection));
  }

  /** A runner. */
  @Override
  public void run() {
    relieved.set(false);
    int i = next.getAndIncrement();
    if (i > 0) { // a reliever
      connection.flush();
    }
    for (; i < requests.length; i = next.getAndIncrement()) {
      if (i + 1 < requests.length && relieved.compareAndSet(false, true)) {
        Thread unused = Thread.startVirtualThread(this);
      }
      Inbound request = Objects.requireNonNull(requests[i], "taken once");
      requests[i] = null;
      request.run();
    }
    connection.flush();
  }
}
