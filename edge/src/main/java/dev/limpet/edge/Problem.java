package dev.limpet.edge;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer that is an error, in the form of RFC 9457.
 *
 * @param type {@code urn:limpet:} and the code; the page of that name is in {@code docs/errors}
 * @param title the same for every error of this code
 * @param status the HTTP status
 * @param detail what happened and what to do
 * @param code {@code LMP-} and four digits
 * @param executed for calls, {@code no} or {@code unknown}
 * @param exception the simple class name of an exception that the process declares
 * @param incident for 500, what to look for in the node's log
 */
@JsonPropertyOrder({
  "type",
  "title",
  "status",
  "detail",
  "code",
  "executed",
  "exception",
  "incident"
})
record Problem(
    String type,
    String title,
    int status,
    String detail,
    String code,
    @Nullable String executed,
    @Nullable String exception,
    @Nullable String incident) {

  static Problem of(ErrorCode code, String detail) {
    return new Problem(
        "urn:limpet:" + code.code(),
        code.title(),
        code.status(),
        detail,
        code.code(),
        null,
        null,
        null);
  }

  static Problem of(LimpetException e) {
    return of(e.code(), String.valueOf(e.getMessage()));
  }

  Problem withExecuted(Executed value) {
    return new Problem(type, title, status, detail, code, value.wire(), exception, incident);
  }

  Problem withException(String value) {
    return new Problem(type, title, status, detail, code, executed, value, incident);
  }

  Problem withIncident(String value) {
    return new Problem(type, title, status, detail, code, executed, exception, value);
  }

  Problem withStatus(int value) {
    return new Problem(type, title, value, detail, code, executed, exception, incident);
  }
}
