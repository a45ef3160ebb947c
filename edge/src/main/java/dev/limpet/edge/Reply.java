package dev.limpet.edge;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A whole answer, before it is written.
 *
 * @param outcome {@code ok} or the error's code: what metrics call it
 */
record Reply(
    int status, String contentType, byte[] body, Map<String, String> headers, String outcome) {
  static final String JSON = "application/json";
  static final String PROBLEM = "application/problem+json";
  private static final byte[] NOTHING = {};

  static Reply json(Object value) {
    return bytes(200, JSON, ReportJson.bytes(value));
  }

  static Reply bytes(int status, String contentType, byte[] body) {
    return new Reply(status, contentType, body, Map.of(), "ok");
  }

  static Reply text(int status, String contentType, String body) {
    return bytes(status, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  static Reply nothing() {
    return new Reply(204, "", NOTHING, Map.of(), "ok");
  }

  static Reply problem(Problem problem) {
    Reply reply =
        new Reply(problem.status(), PROBLEM, ReportJson.bytes(problem), Map.of(), problem.code());
    return problem.status() == 429 || problem.status() == 503
        ? reply.with("Retry-After", "1")
        : reply;
  }

  Reply with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Reply(status, contentType, body, more, outcome);
  }
}
