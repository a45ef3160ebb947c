package dev.limpet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.door.EdgeProvider;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys on their way from the request line to the door, the server between them included. */
@Timeout(20)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KeyTest {
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

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "a%2Fb,a/b",
        "%252e%252e,%2e%2e",
        "%2e%2e%2f%2e%2e%2fadmin,../../admin",
        "a;jsessionid=1,a;jsessionid=1",
        "%F0%9F%90%9A,🐚",
        "a%3Fb%23c,a?b#c",
        "{a|b},{a|b}",
        "a+b,a+b"
      })
  void key_isDecodedOnceAndNotNormalised(String raw, String key) throws IOException {
    assertThat(wire.post("/v1/account/" + raw + "/add", "[1]").status()).isEqualTo(200);
    assertThat(door.call().id().key()).isEqualTo(key);
  }

  @Test
  void key_withQuery_isTheKeyWithoutIt() throws IOException {
    assertThat(wire.post("/v1/account/a/add?x=%zz&y=../..", "[1]").status()).isEqualTo(200);
    assertThat(door.call().id().key()).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "%2e",
        "%2e%2e",
        "%c0%af",
        "%ed%a0%80",
        "%00",
        "%0a",
        "%0d%0aX:%20y",
        "%7f",
        "%zz",
        "%",
        "\u00e9",
        "\u0001"
      })
  void key_thatIsNone_is400_andTheConnectionGoesOn(String raw) throws IOException {
    Wire.Answer answer = wire.post("/v1/account/" + raw + "/add", "[1]");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("LMP-1001");
    assertThat(answer.json().get("executed").asString()).isEqualTo("no");
    assertThat(door.calls).isEmpty();
    assertThat(wire.post("/v1/account/a/add", "[1]").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/account/x/../../admin/cluster",
        "/v1/account/x/..%2f..%2fadmin/../cluster",
        "/./v1/account/a/add",
        "/v1/../v1/account/a/add"
      })
  void path_withDotSegments_isRefusedAndNotResolved(String path) throws IOException {
    Wire.Answer answer = wire.post(path, "[1]");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(door.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//v1/account/a/add",
        "/v1//account/a/add",
        "/v1/account/a/add;x",
        "/V1/account/a/add",
        "/v1\\account\\a\\add"
      })
  void path_writtenAnotherWay_isNotFound(String path) throws IOException {
    assertThat(wire.post(path, "[1]").status()).isEqualTo(404);
    assertThat(door.calls).isEmpty();
  }

  @Test
  void key_of512Bytes_isTaken_and513Refused() throws IOException {
    assertThat(wire.post("/v1/account/" + "%41".repeat(512) + "/add", "[1]").status())
        .isEqualTo(200);
    assertThat(wire.post("/v1/account/" + "%F0%9F%90%9A".repeat(128) + "/add", "[1]").status())
        .isEqualTo(200);
    assertThat(wire.post("/v1/account/" + "A".repeat(513) + "/add", "[1]").code())
        .isEqualTo("LMP-1001");
    assertThat(wire.post("/v1/account/" + "%F0%9F%90%9A".repeat(128) + "a/add", "[1]").code())
        .isEqualTo("LMP-1001");
    assertThat(door.calls).hasSize(2);
  }

  @Test
  void key_of9Kilobytes_is400_alsoPercentEncoded() throws IOException {
    Wire.Answer answer = wire.post("/v1/account/" + "k".repeat(9_000) + "/add", "[1]");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().get("detail").asString()).contains("512");
    assertThat(wire.post("/v1/account/" + "%41".repeat(9_000) + "/add", "[1]").code())
        .isEqualTo("LMP-1001");
  }

  @Test
  void requestLine_beyondTheBound_is414Problem() throws IOException {
    Wire.Answer answer = wire.post("/v1/account/" + "k".repeat(40_000) + "/add", "[1]");
    assertThat(answer.status()).isEqualTo(414);
    assertThat(answer.code()).isEqualTo("LMP-1000");
    assertThat(wire.ended()).isTrue();
  }

  @Test
  void headers_beyondTheBound_are400Problem() throws IOException {
    Wire.Answer answer = wire.post("/v1/account/a/add", "[1]", "X-Big: " + "k".repeat(40_000));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("LMP-1000");
    assertThat(door.calls).isEmpty();
  }

  @Test
  void key_neverAppearsInAHeader() throws IOException {
    door.behaviour = call -> 1L;
    Wire.Answer answer = wire.post("/v1/account/evil-key/add", "[1]");
    assertThat(answer.headers().toString()).doesNotContain("evil-key");
  }
}
