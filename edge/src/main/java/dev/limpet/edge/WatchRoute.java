package dev.limpet.edge;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.node.door.Door;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /admin/watch}: the ledger's decisions as they come, a line of JSON each, or as server-sent events. A watcher
 * that has {@value #LINES_MAX} lines waiting is cut off: it may come again, and misses what was decided meanwhile.
 */
final class WatchRoute implements AutoCloseable {
  private static final int LINES_MAX = 1024;
  private static final Door.Line END = new Door.Line(-1, "end", "the node is closing");

  private final Door door;
  private final EdgeSettings settings;
  private final Semaphore places;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  WatchRoute(Door door, EdgeSettings settings) {
    this.door = door;
    this.settings = settings;
    this.places = new Semaphore(settings.watchersMax());
  }

  /** How many are watching. */
  int watching() {
    return watchers.size();
  }

  /** Refuses, or takes a place that must be given back. */
  void enter() {
    if (!places.tryAcquire()) {
      throw new CallRefused(
          ErrorCode.OVERLOADED,
          "there are " + settings.watchersMax() + " watchers already; try another node");
    }
  }

  void leave() {
    places.release();
  }

  /** Streams until the client goes, is cut off, or the edge closes. */
  void stream(RoutingResponse response, ConnectionGuard guard, boolean events) throws IOException {
    Watcher watcher = new Watcher(guard);
    watchers.add(watcher);
    try (AutoCloseable _ = door.watch(watcher::offer)) {
      if (closed) {
        watcher.offer(END);
      }
      guard.writing();
      response.status(Status.OK_200);
      response.header(
          HeaderValues.create(
              HeaderNames.CONTENT_TYPE, events ? "text/event-stream" : "application/x-ndjson"));
      response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store"));
      try (OutputStream out = response.outputStream()) {
        watcher.write(out, events);
      }
      guard.writing();
      response.commit();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the subscription could not be closed", e);
    } finally {
      watchers.remove(watcher);
    }
  }

  @Override
  public void close() {
    closed = true;
    watchers.forEach(watcher -> watcher.offer(END));
  }

  private final class Watcher {
    private final BlockingQueue<Door.Line> lines = new ArrayBlockingQueue<>(LINES_MAX);
    private final ConnectionGuard guard;

    Watcher(ConnectionGuard guard) {
      this.guard = guard;
    }

    /** Called by the node; never waits. */
    void offer(Door.Line line) {
      if (!lines.offer(line)) {
        guard.cutOff();
      }
    }

    void write(OutputStream out, boolean events) throws IOException, InterruptedException {
      write(out, events ? ":\n\n" : "\n");
      while (true) {
        guard.running();
        Door.@Nullable Line line = lines.poll(settings.heartbeat().toNanos(), TimeUnit.NANOSECONDS);
        if (line == END) {
          return;
        }
        if (line == null) {
          write(out, events ? ":\n\n" : "\n");
        } else {
          write(out, events ? event(line) : ReportJson.text(line) + "\n");
        }
      }
    }

    private void write(OutputStream out, String text) throws IOException {
      guard.writing();
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    private static String event(Door.Line line) {
      // the kind is one word of ours; a JSON text has no raw line breaks
      return "id: "
          + line.index()
          + "\nevent: "
          + Text.printable(line.kind())
          + "\ndata: "
          + ReportJson.text(line)
          + "\n\n";
    }
  }
}
