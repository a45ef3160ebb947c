package dev.limpet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.door.EdgeProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies: their length, their framing, their JSON. */
@Timeout(20)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BodyTest {
  private static final String HEAD = "POST /v1/account/a/add HTTP/1.1\r\nHost: h\r\n";

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
    wire = new Wire(edge.address());
  }

  @AfterEach
  void disconnect() throws IOException {
    wire.close();
  }

  @Test
  void body_declaredTooLong_is413BeforeItIsSent() throws IOException {
    wire.send(HEAD + "Content-Length: 1048577\r\n\r\n");
    assertTooLarge(wire.answer());
  }

  @Test
  void body_declaredBeyondAllNumbers_is400() throws IOException {
    wire.send(HEAD + "Content-Length: 99999999999999999999999\r\n\r\n");
    assertThat(wire.answer().code()).isEqualTo("LMP-1000");
    assertThat(door.calls).isEmpty();
  }

  @Test
  void body_of10MegabytesSentInFull_stillReads413() throws IOException {
    Thread sender = Thread.ofVirtual().unstarted(() -> sendQuietly(10 << 20));
    wire.send(HEAD + "Content-Length: " + (10 << 20) + "\r\n\r\n");
    sender.start();
    assertTooLarge(wire.answer());
  }

  private void sendQuietly(int bytes) {
    try {
      byte[] part = new byte[1 << 16];
      for (int sent = 0; sent < bytes; sent += part.length) {
        wire.send(part);
      }
    } catch (IOException e) {
      // the server may close once it has answered
      assertThat(e).isNotNull();
    }
  }

  @Test
  void body_chunkedTooLong_is413() throws IOException {
    wire.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n");
    byte[] chunk = ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 17; i++) {
      wire.send(chunk);
    }
    assertTooLarge(wire.answer());
  }

  @Test
  void body_withOneChunkDeclaredHuge_is413WithoutReadingIt() throws IOException {
    wire.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
    assertTooLarge(wire.answer());
  }

  @Test
  void body_ofExactly1Megabyte_isRead() throws IOException {
    String body = "[1" + " ".repeat((1 << 20) - 3) + "]";
    assertThat(wire.post("/v1/account/a/add", body).status()).isEqualTo(200);
  }

  @Test
  void body_chunked_isRead() throws IOException {
    wire.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n2\r\n42\r\n1\r\n]\r\n0\r\n\r\n");
    assertThat(wire.answer().status()).isEqualTo(200);
    assertThat(door.call().argument(0)).isEqualTo(42L);
    // and the connection goes on
    assertThat(wire.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
  }

  @Test
  void expectContinue_ofAGoodCall_is100ThenTheAnswer() throws IOException {
    wire.send(HEAD + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assertThat(wire.answer().status()).isEqualTo(100);
    wire.send("[1]");
    assertThat(wire.answer().status()).isEqualTo(200);
  }

  @Test
  void expectContinue_ofARefusedCall_isAnsweredWithoutTheBodyAndCloses() throws IOException {
    wire.send(
        "POST /v1/nothing/a/add HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    Wire.Answer answer = wire.answer();
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Connection")).isEqualTo("close");
    assertThat(wire.ended()).isTrue();
  }

  @Test
  void expectContinue_withTooLongABody_is413() throws IOException {
    wire.send(HEAD + "Expect: 100-continue\r\nContent-Length: 20000000\r\n\r\n");
    assertTooLarge(wire.answer());
  }

  @Test
  void body_unreadByARefusedCall_isNotTakenForTheNextRequest() throws IOException {
    String smuggled =
        "POST /v1/account/smuggled/add HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n[1]";
    assertThat(wire.post("/v1/nothing/a/add", smuggled).status()).isEqualTo(404);
    assertThat(wire.post("/v1/account/next/add", "[1]").status()).isEqualTo(200);
    assertThat(door.call().id().key()).isEqualTo("next");
  }

  @Test
  void requests_pipelined_areAnsweredInOrder() throws IOException {
    door.behaviour = call -> (Long) call.argument(0);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      String body = "[" + (100 + i) + "]";
      all.append(HEAD)
          .append("Content-Length: ")
          .append(body.length())
          .append("\r\n\r\n")
          .append(body);
    }
    wire.send(all.toString());
    for (int i = 0; i < 50; i++) {
      assertThat(wire.answer().body()).isEqualTo(Integer.toString(100 + i));
    }
  }

  @Test
  void arguments_nested100000Deep_are400() throws IOException {
    assertRefused("[".repeat(100_000) + "]".repeat(100_000));
    assertRefused("{\"n\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
    assertRefused("{\"n\":".repeat(100_000) + "1" + "}".repeat(100_000));
    assertThat(wire.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "not JSON|{",
        "two values|[1] [2]",
        "a comment|[1] // one",
        "single quotes|{'n':1}",
        "NaN|[NaN]",
        "a trailing comma|[1,]",
        "a scalar|5",
        "a text|\"5\"",
        "null|null",
        "a duplicate|{\"n\":1,\"n\":2}",
        "unknown|{\"n\":1,\"m\":2}",
        "missing|{}",
        "missing by position|[]",
        "too many|[1,2]",
        "null for a number|{\"n\":null}",
        "text for a number|{\"n\":\"1\"}",
        "a fraction|{\"n\":1.5}",
        "beyond long|{\"n\":9223372036854775808}",
        "a list|{\"n\":[1]}",
        "truth|{\"n\":true}",
        "another case|{\"N\":1}",
      })
  void arguments_thatAreWrong_are400(String what, String body) throws IOException {
    assertRefused(body);
  }

  @Test
  void arguments_withBytesThatAreNoUtf8_are400() throws IOException {
    for (byte[] bad :
        List.of(
            new byte[] {'[', (byte) 0xff, ']'},
            new byte[] {'[', '"', (byte) 0xc0, (byte) 0xaf, '"', ']'})) {
      wire.send(
          "POST /v1/account/a/note HTTP/1.1\r\nHost: h\r\nContent-Length: "
              + bad.length
              + "\r\n\r\n");
      wire.send(bad);
      Wire.Answer answer = wire.answer();
      assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    }
    assertThat(door.calls).isEmpty();
  }

  @Test
  void body_emptyWhereArgumentsAreNeeded_is400() throws IOException {
    assertRefused("");
  }

  private void assertRefused(String body) throws IOException {
    Wire.Answer answer = wire.post("/v1/account/a/add", body);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    assertThat(answer.code()).isIn("LMP-1000", "LMP-1002");
    assertThat(answer.json().get("executed").asString()).isEqualTo("no");
    assertThat(door.calls).isEmpty();
  }

  private void assertTooLarge(Wire.Answer answer) {
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.code()).isEqualTo("LMP-1005");
    assertThat(answer.json().get("executed").asString()).isEqualTo("no");
    assertThat(door.calls).isEmpty();
  }
}
