package dev.limpet.cli.faults;

import dev.limpet.cli.cluster.NodeChild;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** One call over HTTP, with all that a client gets to see of its answer. */
record Answer(int status, String contentType, String code, String body, double seconds) {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  /** Calls a counter; an answer that does not come in time has the status 0. */
  static Answer of(NodeChild node, String key, String method, String json, int deadlineMillis) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://" + node.http() + "/v1/counter/" + key + "/" + method))
            .timeout(Duration.ofMillis(deadlineMillis + 2_000))
            .header("Content-Type", "application/json")
            .header("Limpet-Deadline-Ms", Integer.toString(deadlineMillis))
            .POST(BodyPublishers.ofString(json))
            .build();
    long began = System.nanoTime();
    try {
      HttpResponse<String> response = CLIENT.send(request, BodyHandlers.ofString());
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(""),
          code(response.body()),
          response.body(),
          (System.nanoTime() - began) / 1e9);
    } catch (IOException e) {
      return new Answer(0, "", "", e.toString(), (System.nanoTime() - began) / 1e9);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static String code(String body) {
    try {
      return JsonMapper.shared().readTree(body).path("code").asString("");
    } catch (JacksonException e) {
      return "";
    }
  }

  /** A refusal for want of a majority, as the contract has it. */
  boolean saysNoQuorum() {
    return status == 503
        && contentType.startsWith("application/problem+json")
        && code.equals("LMP-2003");
  }
}
