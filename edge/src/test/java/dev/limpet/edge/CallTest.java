package dev.limpet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.CallRefused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.OutcomeUnknown;
import dev.limpet.ProcessFailed;
import dev.limpet.Unavailable;
import dev.limpet.node.door.EdgeProvider;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /v1/TYPE/KEY/METHOD}: what comes back. */
@Timeout(20)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CallTest {
  private final FakeDoor door = new FakeDoor();
  private EdgeProvider.Edge edge;
  private Wire wire;

  @BeforeAll
  void open() {
    edge = Edges.open(door);
  }

  @AfterAll
  void closeEdge() {
    edge.close();
  }

  @BeforeEach
  void connect() throws IOException {
    door.calls.clear();
    door.behaviour = call -> 1L;
    wire = new Wire(edge.address());
  }

  @AfterEach
  void disconnect() throws IOException {
    wire.close();
  }

  @Test
  void call_withNames_is200WithResultHomeAndEpoch() throws IOException {
    door.behaviour = call -> 500L;
    Wire.Answer answer = wire.post("/v1/account/alice/add", "{\"n\":5}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("500");
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.header("Limpet-Home")).isEqualTo("n2");
    assertThat(answer.header("Limpet-Epoch")).isEqualTo("17");
    assertThat(door.call().id().key()).isEqualTo("alice");
    assertThat(door.call().method()).isEqualTo("add");
    assertThat(door.call().argument(0)).isEqualTo(5L);
    assertThat(door.call().deadline()).isNull();
    assertThat(door.call().idempotencyKey()).isNull();
  }

  @Test
  void call_withPositions_isTheSame() throws IOException {
    assertThat(wire.post("/v1/account/alice/add", "[7]").status()).isEqualTo(200);
    assertThat(door.call().argument(0)).isEqualTo(7L);
  }

  @Test
  void call_ofVoidWithoutBody_is204() throws IOException {
    door.behaviour = call -> null;
    Wire.Answer answer = wire.request("POST", "/v1/account/alice/reset");
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("Limpet-Home")).isEqualTo("n2");
    assertThat(answer.header("Content-Type")).isNull();
    // and the connection goes on
    assertThat(wire.post("/v1/account/alice/add", "[7]").status()).isEqualTo(200);
  }

  @Test
  void call_withNullResult_is200Null() throws IOException {
    door.behaviour = call -> null;
    Wire.Answer answer = wire.post("/v1/account/alice/note", "{\"text\":\"t\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("null");
  }

  @Test
  void call_headers_reachTheDoor() throws IOException {
    wire.post(
        "/v1/account/a/add", "[1]", "Idempotency-Key: order-17", "Limpet-Deadline-Ms: 600000");
    assertThat(door.call().deadline()).isEqualTo(Duration.ofMinutes(10));
    assertThat(door.call().idempotencyKey()).isEqualTo("order-17");
  }

  @Test
  void call_withRoutingHeadersOfAClient_ignoresThem() throws IOException {
    Wire.Answer answer =
        wire.post(
            "/v1/account/a/add",
            "[1]",
            "Limpet-Home: evil",
            "Limpet-Epoch: 99",
            "X-Limpet-Forwarded: 1");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Limpet-Home")).isEqualTo("n2");
    assertThat(answer.header("Limpet-Epoch")).isEqualTo("17");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "600001",
        "1e3",
        "1.5",
        "",
        " ",
        "abc",
        "+5",
        "99999999999999999999",
        "0x10"
      })
  void call_withBadDeadline_is400(String value) throws IOException {
    assertRefused(
        wire.post("/v1/account/a/add", "[1]", "Limpet-Deadline-Ms: " + value), 400, "LMP-1000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "caf\u00e9", "tab\there"})
  void call_withBadIdempotencyKey_is400(String value) throws IOException {
    assertRefused(
        wire.post("/v1/account/a/add", "[1]", "Idempotency-Key: " + value), 400, "LMP-1000");
  }

  @Test
  void call_withIdempotencyKeyOf129_is400AndOf128IsNot() throws IOException {
    assertRefused(
        wire.post("/v1/account/a/add", "[1]", "Idempotency-Key: " + "k".repeat(129)),
        400,
        "LMP-1000");
    assertThat(
            wire.post("/v1/account/a/add", "[1]", "Idempotency-Key: " + "k".repeat(128)).status())
        .isEqualTo(200);
  }

  @Test
  void call_withTwoIdempotencyKeys_is400() throws IOException {
    assertRefused(
        wire.post("/v1/account/a/add", "[1]", "Idempotency-Key: a", "Idempotency-Key: b"),
        400,
        "LMP-1000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/json; charset=latin1", "x"})
  void call_withForeignContentType_is400(String type) throws IOException {
    assertRefused(wire.post("/v1/account/a/add", "[1]", "Content-Type: " + type), 400, "LMP-1000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/x-www-form-urlencoded",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\""
      })
  void call_withJsonContentType_isTaken(String type) throws IOException {
    assertThat(wire.post("/v1/account/a/add", "[1]", "Content-Type: " + type).status())
        .isEqualTo(200);
  }

  @Test
  void call_fromAnotherOrigin_is400() throws IOException {
    assertRefused(
        wire.post("/v1/account/a/add", "[1]", "Origin: https://evil.example"), 400, "LMP-1000");
    assertRefused(wire.post("/v1/account/a/add", "[1]", "Origin: null"), 400, "LMP-1000");
    assertThat(wire.post("/v1/account/a/add", "[1]", "Origin: http://h").status()).isEqualTo(200);
  }

  @Test
  void call_ofUnknownTypeOrMethod_is404() throws IOException {
    assertRefused(wire.post("/v1/nothing/a/add", "[1]"), 404, "LMP-1003");
    assertRefused(wire.post("/v1/BAD TYPE/a/add".replace(" ", "%20"), "[1]"), 404, "LMP-1003");
    Wire.Answer answer = wire.post("/v1/account/a/toString", "");
    assertRefused(answer, 404, "LMP-1004");
    assertThat(answer.json().get("detail").asString()).contains("withdraw");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1",
        "/v1/",
        "/v1/account/a",
        "/v1/account/a/b/add",
        "/v1/account/a/add/",
        "/v1/a/b/c/d/e/f/g/h/i/j"
      })
  void call_withoutTypeKeyAndMethod_is404(String path) throws IOException {
    assertRefused(wire.post(path, "[1]"), 404, "LMP-1006");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"})
  void call_withAnotherMethod_is405WithAllow(String method) throws IOException {
    Wire.Answer answer = wire.request(method, "/v1/account/a/add");
    assertRefused(answer, 405, "LMP-1007");
    assertThat(answer.header("Allow")).isEqualTo("POST");
  }

  @Test
  void call_withDeclaredException_is422WithItsNameAndMessage() throws IOException {
    door.behaviour =
        call -> {
          throw new Account.NotCovered("only 3 cents left");
        };
    Wire.Answer answer = wire.post("/v1/account/a/withdraw", "{\"cents\":5}");
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.code()).isEqualTo("LMP-3005");
    assertThat(answer.json().get("exception").asString()).isEqualTo("NotCovered");
    assertThat(answer.json().get("detail").asString()).isEqualTo("only 3 cents left");
    assertThat(answer.json().get("executed").asString()).isEqualTo("no");
  }

  @Test
  void call_withExceptionOfAnotherMethod_is500() throws IOException {
    door.behaviour =
        call -> {
          throw new Account.NotCovered("undeclared here");
        };
    Wire.Answer answer = wire.post("/v1/account/a/add", "[1]");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.code()).isEqualTo("LMP-3001");
    assertThat(answer.json().get("executed").asString()).isEqualTo("unknown");
    assertThat(answer.json().get("incident").asString()).isNotEmpty();
    assertThat(answer.body()).doesNotContain("undeclared here");
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void call_failingWithEachCode_hasItsStatusAndExecuted(ErrorCode code) throws IOException {
    door.behaviour =
        call -> {
          throw LimpetException.of(code, Executed.UNKNOWN, "because. Incident 4711-ab");
        };
    Wire.Answer answer = wire.post("/v1/account/a/add", "[1]");
    assertThat(answer.status()).isEqualTo(code.status());
    assertThat(answer.code()).isEqualTo(code.code());
    Executed executed = LimpetException.of(code, Executed.UNKNOWN, "x").executed();
    assertThat(answer.json().get("executed").asString()).isEqualTo(executed.wire());
    assertThat(answer.header("Retry-After") != null)
        .isEqualTo(code.status() == 429 || code.status() == 503);
    assertThat(answer.json().has("incident")).isEqualTo(code.status() == 500);
    if (code.status() == 500) {
      assertThat(answer.json().get("incident").asString()).isEqualTo("4711-ab");
    }
  }

  @Test
  void call_failing_keepsTheConnection() throws IOException {
    for (LimpetException e :
        new LimpetException[] {
          new CallRefused(ErrorCode.OVERLOADED, "m"),
          new Unavailable(ErrorCode.NO_HOME, Executed.NO, "m"),
          new DeadlinePassed(Executed.UNKNOWN, "m"),
          new OutcomeUnknown("m"),
          new ProcessFailed(ErrorCode.PROCESS_FAILED, Executed.NO, "m")
        }) {
      door.behaviour =
          call -> {
            throw e;
          };
      assertThat(wire.post("/v1/account/a/add", "[1]").status()).isEqualTo(e.code().status());
    }
  }

  @Test
  void call_withABugInTheEdgeOrNode_is500AndTellsNothing() throws IOException {
    door.behaviour =
        call -> {
          throw new IllegalStateException("secret");
        };
    Wire.Answer answer = wire.post("/v1/account/a/add", "[1]");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("secret").contains("incident");
    assertThat(answer.json().get("executed").asString()).isEqualTo("unknown");
  }

  private void assertRefused(Wire.Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.json().get("executed").asString()).isEqualTo("no");
    assertThat(door.calls).isEmpty();
  }

  @Test
  void call_ofAProcessThatIsHeldBack_is503WithWhatIsLeftOfThePause() throws IOException {
    door.behaviour =
        call -> {
          throw new Unavailable(
              ErrorCode.HELD_BACK,
              Executed.NO,
              "account/a is held back: it could not be activated (8 in a row, since 20.0 s); the next"
                  + " attempt is due in 12.3 s, with the first call after that. The last cause: x");
        };
    Wire.Answer answer = wire.post("/v1/account/a/add", "[1]");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.code()).isEqualTo("LMP-3006");
    assertThat(answer.json().get("executed").asString()).isEqualTo("no");
    assertThat(answer.header("Retry-After")).isEqualTo("13");
  }

  @Test
  void call_thatIsHeldBackForAnUnnamedTime_hasTheUsualRetryAfter() throws IOException {
    door.behaviour =
        call -> {
          throw new Unavailable(
              ErrorCode.HELD_BACK, Executed.NO, "of a node that says it otherwise");
        };
    assertThat(wire.post("/v1/account/a/add", "[1]").header("Retry-After")).isEqualTo("1");
  }
}
