package dev.limpet.cli.admin;

import dev.limpet.ProcessId;
import dev.limpet.cli.console.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks one node over HTTP. Whatever goes wrong is a {@link Refusal} of one line. */
final class AdminClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final String base;

  /**
   * @param base like {@code http://127.0.0.1:7101}, without a slash at the end
   */
  AdminClient(String base) {
    this.base = base;
  }

  JsonNode get(String path) {
    return json(
        exchange(
            request(path).GET().timeout(ANSWER_TIMEOUT).build(),
            HttpResponse.BodyHandlers.ofString()));
  }

  /** The same; null if the node does not know that path, or cannot tell. */
  @Nullable JsonNode find(String path) {
    try {
      return get(path);
    } catch (Refusal e) {
      return null;
    }
  }

  /** Posts nothing, and returns the answer; null if it has no content. */
  @Nullable JsonNode post(String path) {
    HttpResponse<String> answer =
        exchange(
            request(path).POST(HttpRequest.BodyPublishers.noBody()).timeout(ANSWER_TIMEOUT).build(),
            HttpResponse.BodyHandlers.ofString());
    return answer.body().isBlank() ? null : json(answer);
  }

  /** Calls a process; the result as it came, empty for none. */
  String call(
      ProcessId id,
      String method,
      String arguments,
      @Nullable String idempotencyKey,
      Duration deadline) {
    HttpRequest.Builder request =
        request("/v1/" + path(id) + "/" + encode(method))
            .header("Content-Type", "application/json")
            .header("Limpet-Deadline-Ms", Long.toString(deadline.toMillis()))
            .timeout(deadline.plusSeconds(5))
            .POST(HttpRequest.BodyPublishers.ofString(arguments));
    if (idempotencyKey != null) {
      request.header("Idempotency-Key", idempotencyKey);
    }
    return exchange(request.build(), HttpResponse.BodyHandlers.ofString()).body();
  }

  /** Follows a stream of lines until the node ends it. */
  void follow(String path, Consumer<String> line) {
    try (HttpClient client = client();
        Stream<String> lines =
            exchange(client, request(path).GET().build(), HttpResponse.BodyHandlers.ofLines())
                .body()) {
      lines.filter(text -> !text.isBlank()).forEach(line);
    } catch (UncheckedIOException e) {
      throw Refusal.failed("the connection to " + base + " broke: " + e.getMessage());
    }
  }

  static String path(ProcessId id) {
    return encode(id.type()) + "/" + encode(id.key());
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path));
  }

  private static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT_TIMEOUT)
        .build();
  }

  private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try (HttpClient client = client()) {
      return exchange(client, request, handler);
    }
  }

  private <T> HttpResponse<T> exchange(
      HttpClient client, HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      HttpResponse<T> answer = client.send(request, handler);
      if (answer.statusCode() / 100 != 2) {
        throw refusal(request, answer);
      }
      return answer;
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw Refusal.failed(
          "nothing answers at " + base + ": start a node there, or name another one with --url");
    } catch (HttpTimeoutException e) {
      throw Refusal.failed("no answer from " + base + " in time: try another node with --url");
    } catch (IOException e) {
      throw Refusal.failed("the connection to " + base + " broke: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.failed("interrupted");
    }
  }

  private Refusal refusal(HttpRequest request, HttpResponse<?> answer) {
    String what = "HTTP status " + answer.statusCode() + " for " + request.uri();
    Object body = answer.body();
    if (body instanceof Stream<?> lines) {
      body = String.join("\n", lines.map(Object::toString).limit(100).toList());
    }
    try {
      JsonNode problem = JSON.readTree(String.valueOf(body));
      String code = problem.path("code").asString("");
      String title = problem.path("title").asString("");
      String detail = problem.path("detail").asString("");
      if (!code.isEmpty()) {
        String head = title.isEmpty() ? code : code + " " + title;
        String executed =
            problem.path("executed").asString("").equals("unknown") ? " (it may have run)" : "";
        return Refusal.failed(detail.isEmpty() ? head + executed : head + ": " + detail + executed);
      }
    } catch (JacksonException e) {
      // Not one of our problem documents: something else answers there.
    }
    return Refusal.failed(what + ": is that a Limpet node?");
  }

  private JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (JacksonException e) {
      throw Refusal.failed(
          "what answers at " + base + " does not speak JSON: is that a Limpet node?");
    }
  }
}
