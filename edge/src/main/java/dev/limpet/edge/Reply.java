package dev.limpet.edge;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole answer, before it is written.
 *
 * @param outcome {@code ok} or the error's code: what metrics call it
 */
record Reply(int status, String contentType, byte[] body, List<Header> headers, String outcome) {
  static final String JSON = "application/json";
  static final String PROBLEM = "application/problem+json";
  private static final byte[] NOTHING = {};

  static Reply json(Object value) {
    return bytes(200, JSON, ReportJson.bytes(value));
  }

  static Reply bytes(int status, String contentType, byte[] body) {
    return new Reply(status, contentType, body, List.of(), "ok");
  }

  static Reply text(int status, String contentType, String body) {
    return bytes(status, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  static Reply nothing() {
    return new Reply(204, "", NOTHING, List.of(), "ok");
  }

  static Reply problem(Problem problem) {
    Reply reply =
        new Reply(problem.status(), PROBLEM, ReportJson.bytes(problem), List.of(), problem.code());
    return problem.status() == 429 || problem.status() == 503
        ? reply.with(HeaderNames.RETRY_AFTER, "1")
        : reply;
  }

  /** With a header; one of the same name is replaced. */
  Reply with(HeaderName name, String value) {
    List<Header> more = new ArrayList<>(headers.size() + 2);
    for (Header header : headers) {
      if (!header.headerName().equals(name)) {
        more.add(header);
      }
    }
    more.add(HeaderValues.create(name, value));
    return new Reply(status, contentType, body, more, outcome);
  }
}
