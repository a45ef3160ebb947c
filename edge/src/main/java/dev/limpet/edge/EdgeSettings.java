package dev.limpet.edge;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import java.time.Duration;

/**
 * The bounds of an HTTP edge. Whatever a client does, an edge holds no more than these allow.
 *
 * @param bodyBytesMax the longest request body; beyond it 413
 * @param headBytesMax the longest request line, and the longest headers, each by itself
 * @param connectionsMax open connections; beyond it a connection is answered 429 and closed
 * @param requestsMax requests that run at the same time, watchers included; beyond it 429
 * @param watchersMax clients of {@code /admin/watch}; beyond it 429
 * @param headTime from a request's first byte to the end of its headers; then the connection is closed
 * @param bodyTime from the start of the body to its end; then the connection is closed
 * @param idleTime between requests on a connection
 * @param writeTime how long a client may take to receive one answer, or one piece of a stream
 * @param heartbeat how often a watcher that has nothing to hear gets a sign of life
 * @param closeGrace how long requests in progress may go on when the edge is closed
 */
public record EdgeSettings(
    int bodyBytesMax,
    int headBytesMax,
    int connectionsMax,
    int requestsMax,
    int watchersMax,
    Duration headTime,
    Duration bodyTime,
    Duration idleTime,
    Duration writeTime,
    Duration heartbeat,
    Duration closeGrace) {

  /** Bodies of 1 MB, 2,048 connections. */
  public static final EdgeSettings DEFAULT =
      new EdgeSettings(
          1 << 20,
          32 << 10,
          2048,
          1024,
          64,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(3));

  public EdgeSettings {
    if (bodyBytesMax < 1
        || headBytesMax < 1024
        || connectionsMax < 1
        || requestsMax < 1
        || watchersMax < 0) {
      throw new StartFailed(
          ErrorCode.INVALID_SETTING,
          "the bounds of the HTTP edge must be positive, and heads at least 1024 bytes long");
    }
  }

  public EdgeSettings withBounds(int connections, int requests, int watchers) {
    return new EdgeSettings(
        bodyBytesMax,
        headBytesMax,
        connections,
        requests,
        watchers,
        headTime,
        bodyTime,
        idleTime,
        writeTime,
        heartbeat,
        closeGrace);
  }

  public EdgeSettings withTimes(Duration head, Duration body, Duration idle, Duration write) {
    return new EdgeSettings(
        bodyBytesMax,
        headBytesMax,
        connectionsMax,
        requestsMax,
        watchersMax,
        head,
        body,
        idle,
        write,
        heartbeat,
        closeGrace);
  }

  public EdgeSettings withHeartbeat(Duration value) {
    return new EdgeSettings(
        bodyBytesMax,
        headBytesMax,
        connectionsMax,
        requestsMax,
        watchersMax,
        headTime,
        bodyTime,
        idleTime,
        writeTime,
        value,
        closeGrace);
  }

  public EdgeSettings withCloseGrace(Duration value) {
    return new EdgeSettings(
        bodyBytesMax,
        headBytesMax,
        connectionsMax,
        requestsMax,
        watchersMax,
        headTime,
        bodyTime,
        idleTime,
        writeTime,
        heartbeat,
        value);
  }
}
