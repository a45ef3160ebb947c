package dev.limpet.edge;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the HTTP server itself refuses, before or beside our routes, said in the same form as our own refusals. */
final class ServerProblems implements DirectHandler {
  static DirectHandlers handlers() {
    DirectHandlers.Builder builder = DirectHandlers.builder();
    ServerProblems problems = new ServerProblems();
    for (EventType type : EventType.values()) {
      builder.addHandler(type, problems);
    }
    return builder.build();
  }

  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType eventType,
      Status defaultStatus,
      ServerResponseHeaders headers,
      @Nullable String message) {
    // a request line that the server stumbles over comes as an internal error of a request without
    // a path
    boolean unreadable = eventType == EventType.INTERNAL_ERROR && request.path().isEmpty();
    Problem problem =
        problem(unreadable ? 400 : defaultStatus.code(), message).withExecuted(Executed.NO);
    ServerResponseHeaders out = ServerResponseHeaders.create();
    out.set(HeaderValues.create(HeaderNames.CONTENT_TYPE, Reply.PROBLEM));
    if (problem.status() == 429) {
      out.set(HeaderValues.create(HeaderNames.RETRY_AFTER, "1"));
    }
    return TransportResponse.builder()
        .status(Status.create(problem.status()))
        .headers(out)
        .keepAlive(false)
        .entity(ReportJson.bytes(problem))
        .build();
  }

  /** The problem that stands for a status of the server's. */
  static Problem problem(int status, @Nullable String message) {
    return switch (status) {
      case 413 ->
          Problem.of(
              ErrorCode.TOO_LARGE, "the body is longer than the edge takes; send at most 1 MB");
      case 414 ->
          Problem.of(
                  ErrorCode.MALFORMED_REQUEST,
                  "the request line is too long; keys are at most 512 bytes")
              .withStatus(414);
      case 429, 503 ->
          Problem.of(
              ErrorCode.OVERLOADED,
              "this node carries out too many requests at once; try again, or another node");
      case 501, 505 ->
          Problem.of(
                  ErrorCode.MALFORMED_REQUEST,
                  "speak HTTP/1.1 with a Content-Length or plain chunked body")
              .withStatus(status);
      default ->
          status >= 500
              ? Incident.log("the HTTP server failed: " + message, null)
              : Problem.of(
                  ErrorCode.MALFORMED_REQUEST,
                  "this is no valid HTTP/1.1 request"
                      + (message == null ? "" : ": " + Text.printable(message)));
    };
  }

  /** The whole answer to a connection beyond the bound, as bytes. */
  static byte[] tooManyConnections() {
    Problem problem =
        Problem.of(
                ErrorCode.OVERLOADED,
                "this node has too many open connections; try again, or another node")
            .withExecuted(Executed.NO);
    byte[] body = ReportJson.bytes(problem);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ("HTTP/1.1 429 Too Many Requests\r\nContent-Type: "
                + Reply.PROBLEM
                + "\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(body);
    return out.toByteArray();
  }
}
