package dev.limpet.edge;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.Unavailable;
import dev.limpet.edge.EdgeMeters.Route;
import dev.limpet.node.door.Door;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where every request comes in. It is a filter that never passes on, so that Helidon's own routing, which normalises
 * paths, is never reached.
 */
final class Entry implements Filter {
  private static final List<String> WATCH_PATH = List.of("admin", "watch");

  private static final Header NO_STORE =
      HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");
  private static final Header NO_SNIFFING =
      HeaderValues.createCached("X-Content-Type-Options", "nosniff");
  private static final String STARTING = "this node is still starting";

  private final Door door;
  private final EdgeSettings settings;
  private final CallRoute calls;
  private final AdminRoutes admin;
  private final WatchRoute watch;
  private final EdgeMeters meters;
  private volatile boolean serving;
  private volatile boolean closing;

  Entry(Door door, EdgeSettings settings, WatchRoute watch, EdgeMeters meters) {
    this.door = door;
    this.settings = settings;
    this.calls = new CallRoute(door);
    this.admin = new AdminRoutes(door);
    this.watch = watch;
    this.meters = meters;
  }

  /*
   * A call to a node that is still starting could only wait for it, and its caller would give up and not know what became
   * of it; other nodes serve meanwhile.
   */
  /** From now on calls are taken. */
  void serving() {
    serving = true;
  }

  /** From now on every answer says that the connection will be closed, and the node is not ready. */
  void closing() {
    closing = true;
  }

  /** What a request was, as far as it was understood. */
  private static final class Seen {
    Route route = Route.NONE;
    @Nullable String type;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest http, RoutingResponse response) {
    long startNanos = System.nanoTime();
    ConnectionGuard guard = ConnectionGuard.current();
    guard.running();
    Seen seen = new Seen();
    Request request = new Request(http, guard, settings.bodyBytesMax());
    Reply reply;
    try {
      request.check();
      if (isWatch(request)) {
        watch(seen, request, response, guard, startNanos);
        return;
      }
      reply = answer(seen, request);
    } catch (RequestException e) {
      // the server's own words about the body: too long, or not what its headers said
      Problem problem =
          ServerProblems.problem(e.status().code(), e.safeMessage() ? e.getMessage() : null);
      reply = Reply.problem(isCall(http) ? problem.withExecuted(Executed.NO) : problem);
    } catch (LimpetException e) {
      Problem problem = Problem.of(e);
      reply = Reply.problem(isCall(http) ? problem.withExecuted(e.executed()) : problem);
    } catch (RuntimeException e) {
      Transport.rethrow(e);
      reply = Reply.problem(Incident.log("a request to " + seen.route + " failed in the edge", e));
    }
    boolean close = mustClose(request);
    meters.answered(
        seen.route, seen.type, reply.status(), reply.outcome(), System.nanoTime() - startNanos);
    guard.writing();
    write(reply, response, http.prologue().method().text().equals("HEAD"), close);
    guard.between();
    if (close) {
      if (request.bodyLeft()) {
        guard.inputLeft();
      }
      throw new CloseConnectionException("the answer was the last on this connection");
    }
  }

  private Reply answer(Seen seen, Request request) {
    List<String> path = request.segments();
    return switch (path.getFirst()) {
      case "v1" -> {
        seen.route = Route.CALL;
        if (path.size() != 4) {
          throw new CallRefused(
              ErrorCode.UNKNOWN_PATH,
              "calls go to POST /v1/TYPE/KEY/METHOD; a slash in a key is written %2F");
        }
        seen.type = path.get(1);
        if (!serving) {
          throw new Unavailable(
              ErrorCode.NO_QUORUM,
              Executed.NO,
              STARTING + "; call another one, or this one once GET /readyz answers 200");
        }
        yield calls.call(request, path.get(1), path.get(2), path.get(3));
      }
      case "admin" -> {
        seen.route = Route.ADMIN;
        if (path.equals(WATCH_PATH)) {
          yield Methods.refused("GET");
        }
        Reply reply = admin.answer(request);
        yield reply == null ? unknown() : reply;
      }
      case "healthz" -> {
        seen.route = Route.HEALTH;
        yield path.size() == 1
            ? Methods.only(request, "GET", () -> Reply.json(Map.of("status", "up")))
            : unknown();
      }
      case "readyz" -> {
        seen.route = Route.HEALTH;
        yield path.size() == 1 ? Methods.only(request, "GET", this::ready) : unknown();
      }
      case "metrics" -> {
        seen.route = Route.METRICS;
        yield path.size() == 1 ? Methods.only(request, "GET", this::metrics) : unknown();
      }
      default -> unknown();
    };
  }

  private Reply ready() {
    Door.Readiness readiness = door.readiness();
    if (closing) {
      return Reply.problem(Problem.of(ErrorCode.CLOSED, "this node is leaving; call another one"));
    }
    if (!readiness.ready()) {
      return Reply.problem(
          Problem.of(ErrorCode.NO_QUORUM, "this node does not serve: " + readiness.detail()));
    }
    return serving
        ? Reply.json(readiness)
        : Reply.problem(Problem.of(ErrorCode.NO_QUORUM, STARTING));
  }

  private Reply metrics() {
    String text = meters.scrape();
    if (text == null) {
      throw new CallRefused(
          ErrorCode.UNKNOWN_PATH, "this node publishes its meters elsewhere than here");
    }
    return Reply.text(200, "text/plain; version=0.0.4; charset=utf-8", text);
  }

  private static Reply unknown() {
    return Reply.problem(
        Problem.of(
            ErrorCode.UNKNOWN_PATH,
            "there is nothing here; calls go to POST /v1/TYPE/KEY/METHOD, reports are at /admin/cluster"));
  }

  /** Whether it was meant to be a call, also if its path cannot be read. */
  private static boolean isCall(RoutingRequest http) {
    String path = http.prologue().uriPath().rawPath();
    return path.equals("/v1") || path.startsWith("/v1/");
  }

  private static boolean isWatch(Request request) {
    return request.segments().equals(WATCH_PATH) && request.method().equals("GET");
  }

  private void watch(
      Seen seen,
      Request request,
      RoutingResponse response,
      ConnectionGuard guard,
      long startNanos) {
    seen.route = Route.WATCH;
    boolean events = request.accepts("text/event-stream");
    watch.enter();
    try {
      watch.stream(response, guard, events);
      meters.answered(Route.WATCH, null, 200, "ok", System.nanoTime() - startNanos);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      watch.leave();
    }
    guard.between();
    throw new CloseConnectionException("the stream has ended");
  }

  private boolean mustClose(Request request) {
    // a client that waits for "100 Continue" may or may not send the body of a request that is
    // answered already
    return closing
        || request.broken()
        || request.wantsClose()
        || (request.expectsContinue() && request.bodyLeft());
  }

  private static void write(Reply reply, RoutingResponse response, boolean head, boolean close) {
    response.status(Status.create(reply.status()));
    for (Header header : reply.headers()) {
      response.header(header);
    }
    response.header(NO_STORE);
    response.header(NO_SNIFFING);
    if (close) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    if (reply.status() == 204) {
      response.send();
      return;
    }
    response.header(
        reply.contentType().equals(Reply.JSON)
            ? HeaderValues.CONTENT_TYPE_JSON
            : HeaderValues.create(HeaderNames.CONTENT_TYPE, reply.contentType()));
    if (head) {
      response.header(HeaderValues.create(HeaderNames.CONTENT_LENGTH, reply.body().length));
      response.send();
    } else {
      response.send(reply.body());
    }
  }
}
