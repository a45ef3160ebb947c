package dev.limpet.edge;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.edge.json.JsonValues;
import dev.limpet.node.door.Door;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.StickyType;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/TYPE/KEY/METHOD}: one call. What a client says about routing (a home, an epoch) is not even read; the
 * node finds the home by itself.
 */
final class CallRoute {
  static final HeaderName HOME_HEADER = HeaderNames.create("Limpet-Home");
  static final HeaderName EPOCH_HEADER = HeaderNames.create("Limpet-Epoch");
  private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");
  private static final HeaderName DEADLINE = HeaderNames.create("Limpet-Deadline-Ms");
  private static final Pattern PAUSE = Pattern.compile("next attempt is due in (\\d{1,6})\\.\\d s");
  private static final int IDEMPOTENCY_KEY_CHARS_MAX = 128;
  private static final int DEADLINE_MILLIS_MAX = 600_000;

  private final Door door;

  CallRoute(Door door) {
    this.door = door;
  }

  /** Never throws what belongs to the call: errors of the call are answers, since they say whether it ran. */
  Reply call(Request request, String typeName, String key, String methodName) {
    StickyMethod method = null;
    try {
      ProcessId.checkType(typeName);
      StickyType<?> type = door.type(typeName);
      ProcessId id = new ProcessId(typeName, key);
      method = type.method(methodName);
      if (method == null) {
        throw new CallRefused(ErrorCode.UNKNOWN_METHOD, unknownMethod(type, methodName));
      }
      if (!request.method().equals("POST")) {
        return Reply.problem(
                Problem.of(ErrorCode.UNSUPPORTED_METHOD, "calls are made with POST")
                    .withExecuted(Executed.NO))
            .with(HeaderNames.ALLOW, "POST");
      }
      checkContentType(request);
      String idempotencyKey = idempotencyKey(request);
      Duration deadline = deadline(request);
      @Nullable Object[] arguments = JsonValues.arguments(method, request.body());
      Door.Answer answer = door.call(id, type, method.index(), arguments, deadline, idempotencyKey);
      return answered(method, answer);
    } catch (LimpetException e) {
      Reply refusal = Reply.problem(problem(e));
      String pause = e.code() == ErrorCode.HELD_BACK ? pauseSeconds(e) : null;
      return pause == null ? refusal : refusal.with(HeaderNames.RETRY_AFTER, pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reply.problem(
          problem(
              new Unavailable(
                  ErrorCode.CLOSED, Executed.UNKNOWN, "the node closed while the call ran")));
    } catch (Exception e) {
      if (method != null && method.exceptions().declares(e)) {
        return Reply.problem(declared(e));
      }
      Transport.rethrow(e);
      return Reply.problem(
          Incident.log("a call of " + typeName + "." + methodName + " failed in the edge", e)
              .withExecuted(Executed.UNKNOWN));
    }
  }

  private static Reply answered(StickyMethod method, Door.Answer answer) {
    Reply reply =
        method.isVoid()
            ? Reply.nothing()
            : Reply.bytes(200, Reply.JSON, JsonValues.result(method, answer.value()));
    return reply.with(HOME_HEADER, answer.home()).with(EPOCH_HEADER, Long.toString(answer.epoch()));
  }

  /** An exception that the interface declares: an answer of the process, and the caller's to understand. */
  private static Problem declared(Exception e) {
    String message = e.getMessage();
    Problem problem =
        Problem.of(
            ErrorCode.DECLARED_EXCEPTION, message == null ? "refused by the process" : message);
    return problem.withExecuted(Executed.NO).withException(e.getClass().getSimpleName());
  }

  private static Problem problem(LimpetException e) {
    Problem problem = Problem.of(e).withExecuted(e.executed());
    return problem.status() == 500 ? problem.withIncident(Incident.of(e)) : problem;
  }

  /** What is left of a process's pause, as its home named it; in whole seconds, rounded up. */
  private static @Nullable String pauseSeconds(LimpetException e) {
    Matcher named = PAUSE.matcher(String.valueOf(e.getMessage()));
    return named.find() ? Long.toString(Long.parseLong(named.group(1)) + 1) : null;
  }

  private static String unknownMethod(StickyType<?> type, String name) {
    StringBuilder names = new StringBuilder();
    for (StickyMethod method : type.methods()) {
      names.append(names.isEmpty() ? "" : ", ").append(method.name());
    }
    return "the type "
        + type.name()
        + " has no method \""
        + Text.printable(name)
        + "\"; it has "
        + names;
  }

  private static void checkContentType(Request request) {
    String contentType = request.header(HeaderNames.CONTENT_TYPE);
    if (contentType == null) {
      return;
    }
    String plain = contentType.toLowerCase(Locale.ROOT).replace(" ", "").replace("\"", "");
    // What curl -d says when it is told nothing; pages of other origins, which may say so too, are
    // refused by Origin.
    boolean curl = plain.equals("application/x-www-form-urlencoded");
    if (!curl
        && !plain.equals("application/json")
        && !plain.equals("application/json;charset=utf-8")) {
      throw new CallRefused(
          ErrorCode.MALFORMED_REQUEST,
          "the body must be JSON in UTF-8: send Content-Type: application/json, or none; got \""
              + Text.printable(contentType)
              + "\"");
    }
  }

  private static @Nullable String idempotencyKey(Request request) {
    String value = request.header(IDEMPOTENCY_KEY);
    if (value == null) {
      return null;
    }
    boolean good = !value.isEmpty() && value.length() <= IDEMPOTENCY_KEY_CHARS_MAX;
    for (int i = 0; good && i < value.length(); i++) {
      good = value.charAt(i) > ' ' && value.charAt(i) <= '~';
    }
    if (!good) {
      throw new CallRefused(
          ErrorCode.MALFORMED_REQUEST,
          "an Idempotency-Key is 1 to 128 visible ASCII characters, without spaces");
    }
    return value;
  }

  private static @Nullable Duration deadline(Request request) {
    String value = request.header(DEADLINE);
    if (value == null) {
      return null;
    }
    boolean digits =
        !value.isEmpty()
            && value.length() <= 6
            && value.chars().allMatch(c -> c >= '0' && c <= '9');
    int millis = digits ? Integer.parseInt(value) : 0;
    if (millis < 1 || millis > DEADLINE_MILLIS_MAX) {
      throw new CallRefused(
          ErrorCode.MALFORMED_REQUEST,
          "Limpet-Deadline-Ms is a whole number of milliseconds from 1 to 600000, got \""
              + Text.printable(value)
              + "\"");
    }
    return Duration.ofMillis(millis);
  }
}
