package dev.limpet.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.node.door.Door;
import dev.limpet.node.door.EdgeProvider;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Health, reports, commands and metrics. */
@Timeout(20)
final class AdminTest {
  private final FakeDoor door = new FakeDoor();
  private EdgeProvider.Edge edge;
  private Wire wire;

  @BeforeEach
  void open() throws IOException {
    edge = Edges.open(door);
    wire = new Wire(edge.address());
  }

  @AfterEach
  void close() throws IOException {
    wire.close();
    edge.close();
  }

  @Test
  void healthz_is200_alsoWhenTheNodeDoesNotServe() throws IOException {
    door.readiness = new Door.Readiness(false, "no lease");
    assertThat(wire.request("GET", "/healthz").status()).isEqualTo(200);
  }

  @Test
  void readyz_followsTheDoor() throws IOException {
    assertThat(wire.request("GET", "/readyz").status()).isEqualTo(200);
    door.readiness = new Door.Readiness(false, "the lease ran out 3 s ago");
    Wire.Answer answer = wire.request("GET", "/readyz");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.code()).isEqualTo("LMP-2003");
    assertThat(answer.json().get("detail").asString()).contains("the lease ran out 3 s ago");
    assertThat(answer.header("Retry-After")).isEqualTo("1");
  }

  @Test
  void head_hasTheHeadersOfGetAndNoBody() throws IOException {
    Wire.Answer head = wire.request("HEAD", "/healthz");
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Length")).isNotEqualTo("0");
    assertThat(wire.request("GET", "/healthz").status()).isEqualTo(200);
  }

  @Test
  void cluster_isTheReportWithoutNulls() throws IOException {
    Wire.Answer answer = wire.request("GET", "/admin/cluster");
    assertThat(answer.json().get("view").asLong()).isEqualTo(42);
    assertThat(answer.json().get("types").get(0).asString()).isEqualTo("account");
    assertThat(answer.json().has("leader")).isFalse();
    assertThat(answer.json().get("roles").get(0).get("role").asString()).isEqualTo("gpu");
    assertThat(answer.json().get("roles").get(0).get("nodes").get(0).asString()).isEqualTo("n1");
  }

  @Test
  void nodes_areAList() throws IOException {
    Wire.Answer answer = wire.request("GET", "/admin/nodes");
    assertThat(answer.json().get(0).get("node").asString()).isEqualTo("n1");
    assertThat(answer.json().get(0).get("leaseMillisLeft").asLong()).isEqualTo(2500);
    assertThat(answer.json().get(0).has("heardMillisAgo")).isFalse();
    assertThat(answer.json().get(0).get("roles").get(0).asString()).isEqualTo("gpu");
  }

  @Test
  void where_answersTypeKeyShardHomeEpoch() throws IOException {
    Wire.Answer answer = wire.request("GET", "/admin/where/account/a%2Fb");
    assertThat(answer.json().get("type").asString()).isEqualTo("account");
    assertThat(answer.json().get("key").asString()).isEqualTo("a/b");
    assertThat(answer.json().get("shard").asInt()).isEqualTo(9);
    assertThat(answer.json().get("home").asString()).isEqualTo("n2");
    assertThat(answer.json().get("epoch").asLong()).isEqualTo(17);
    assertThat(answer.json().get("role").asString()).isEqualTo("gpu");
  }

  @Test
  void where_ofAnUnknownTypeOrBadKey_isRefused() throws IOException {
    assertThat(wire.request("GET", "/admin/where/nothing/a").code()).isEqualTo("LMP-1003");
    assertThat(wire.request("GET", "/admin/where/account/%00").code()).isEqualTo("LMP-1001");
    assertThat(wire.request("GET", "/admin/where/account/%2e%2e").code()).isEqualTo("LMP-1001");
  }

  @Test
  void inspect_showsTheCells() throws IOException {
    Wire.Answer answer = wire.request("GET", "/admin/inspect/account/a");
    assertThat(answer.json().get("cells").get("balance").asString())
        .isEqualTo("Balance[cents=500]");
    assertThat(answer.json().has("lastFailure")).isFalse();
  }

  @Test
  void processes_takeTypeAndLimit() throws IOException {
    assertThat(key(wire.request("GET", "/admin/processes"))).isEqualTo("limit-100-null");
    assertThat(key(wire.request("GET", "/admin/processes?type=&limit=")))
        .isEqualTo("limit-100-null");
    assertThat(key(wire.request("GET", "/admin/processes?type=account&limit=7")))
        .isEqualTo("limit-7-account");
    assertThat(wire.request("GET", "/admin/processes?type=nothing").code()).isEqualTo("LMP-1003");
  }

  @Test
  void processes_takeAState_ofThoseThatThereAre() throws IOException {
    assertThat(key(wire.request("GET", "/admin/processes?state=failing")))
        .isEqualTo("limit-100-null-failing");
    assertThat(key(wire.request("GET", "/admin/processes?state=stuck&type=account&limit=7")))
        .isEqualTo("limit-7-account-stuck");
    assertThat(key(wire.request("GET", "/admin/processes?state="))).isEqualTo("limit-100-null");
    Wire.Answer refused = wire.request("GET", "/admin/processes?state=sad");
    assertThat(refused.code()).isEqualTo("LMP-1002");
    assertThat(refused.json().get("detail").asString()).contains("live, passive, failing, stuck");
  }

  @Test
  void troubles_areToldByNode_andANodeThatDoesNotAnswerHasNoNumbers() throws IOException {
    Wire.Answer answer = wire.request("GET", "/admin/troubles");
    assertThat(answer.json().get(0).get("processesFailing").asInt()).isEqualTo(2);
    assertThat(answer.json().get(0).get("processes").get(0).get("key").asString())
        .isEqualTo("sick");
    assertThat(answer.json().get(1).get("node").asString()).isEqualTo("n2");
    assertThat(answer.json().get(1).has("turnsStuck")).isFalse();
  }

  @Test
  void cluster_countsWhatFailsAndWhatIsStuck() throws IOException {
    Wire.Answer answer = wire.request("GET", "/admin/cluster");
    assertThat(answer.json().get("processesFailing").asInt()).isEqualTo(2);
    assertThat(answer.json().get("turnsStuck").asInt()).isEqualTo(1);
  }

  private static String key(Wire.Answer answer) {
    return answer.json().get(0).get("key").asString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"limit=0", "limit=1001", "limit=x", "limit=-1", "limit=1&limit=2", "limit=%zz"})
  void processes_withABadLimit_is400(String query) throws IOException {
    Wire.Answer answer = wire.request("GET", "/admin/processes?" + query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("LMP-1002");
  }

  @Test
  void ended_reachesTheDoor_withAllThatItNames() throws IOException {
    String all = "/admin/ended/n1?boot=b-1&pid=4711&startedMillis=1700000000000&registration=";
    assertThat(wire.request("GET", all + 7).status()).isEqualTo(405);
    assertThat(wire.request("POST", all + 8).code()).isEqualTo("LMP-1002");
    assertThat(wire.request("POST", all + "x").code()).isEqualTo("LMP-1002");
    assertThat(wire.request("POST", "/admin/ended/n1?registration=7").code()).isEqualTo("LMP-1002");
    assertThat(door.ended).isEmpty();
    assertThat(wire.request("POST", all + 7).json().get("ended").asBoolean()).isTrue();
    assertThat(door.ended)
        .containsExactly("n1 Start[boot=b-1, pid=4711, startedMillis=1700000000000]");
  }

  @Test
  void forget_reachesTheDoor_byPostOnly() throws IOException {
    assertThat(wire.request("GET", "/admin/forget/n1").status()).isEqualTo(405);
    assertThat(door.forgotten).isEmpty();
    assertThat(wire.request("POST", "/admin/forget/n1").json().get("forgotten").asBoolean())
        .isTrue();
    assertThat(door.forgotten).containsExactly("n1");
    assertThat(wire.request("POST", "/admin/forget/n9").code()).isEqualTo("LMP-1002");
  }

  @Test
  void drainAndUndrain_reachTheDoor_byPostOnly() throws IOException {
    Wire.Answer refused = wire.request("GET", "/admin/drain/n1");
    assertThat(refused.code()).isEqualTo("LMP-1007");
    assertThat(refused.header("Allow")).isEqualTo("POST");
    assertThat(door.drained).isEmpty();
    assertThat(wire.request("POST", "/admin/drain/n1").json().get("draining").asBoolean()).isTrue();
    assertThat(door.drained).containsExactly("n1");
    assertThat(wire.request("POST", "/admin/undrain/n1").status()).isEqualTo(200);
    assertThat(door.drained).isEmpty();
    assertThat(wire.request("POST", "/admin/drain/n9").code()).isEqualTo("LMP-1002");
    assertThat(wire.request("POST", "/admin/drain/n1", "Origin: http://evil.example").code())
        .isEqualTo("LMP-1000");
    assertThat(door.drained).isEmpty();
  }

  @Test
  void moveAndUnpin_reachTheDoor_byPostOnly() throws IOException {
    String move = "/admin/move/account/a%2Fb/n2";
    assertThat(wire.request("GET", move).code()).isEqualTo("LMP-1007");
    assertThat(door.pinned).isEmpty();
    Wire.Answer moved = wire.request("POST", move);
    assertThat(moved.json().get("done").asBoolean()).isTrue();
    assertThat(moved.json().get("where").get("pinned").asBoolean()).isTrue();
    assertThat(door.pinned).containsValue("n2").hasSize(1);
    Wire.Answer refused = wire.request("POST", "/admin/move/account/a/n9");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("LMP-1020");
    assertThat(wire.request("POST", "/admin/move/nothing/a/n2").code()).isEqualTo("LMP-1003");
    Wire.Answer unpinned = wire.request("POST", "/admin/unpin/account/a%2Fb");
    assertThat(unpinned.json().get("done").asBoolean()).isFalse();
    assertThat(wire.request("POST", "/admin/unpin/account/a%2Fb").code()).isEqualTo("LMP-1021");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/admin",
        "/admin/",
        "/admin/nothing",
        "/v2/account/a/add",
        "/healthz/x",
        "/favicon.ico",
        "/metrics/"
      })
  void path_unknown_is404(String path) throws IOException {
    Wire.Answer answer = wire.request("GET", path);
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo("LMP-1006");
    assertThat(answer.json().has("executed")).isFalse();
  }

  @Test
  void metrics_countByRouteTypeAndOutcome_andNeverByWhatClientsWrite() throws IOException {
    wire.post("/v1/account/secret-key/add", "[1]");
    wire.post("/v1/account/secret-key/evil-method", "[1]");
    wire.post("/v1/evil-type/secret-key/add", "[1]");
    wire.request("BREW", "/v1/account/secret-key/add");
    wire.request("GET", "/evil-path");
    Wire.Answer answer = wire.request("GET", "/metrics");
    assertThat(answer.header("Content-Type")).startsWith("text/plain; version=0.0.4");
    assertThat(answer.body())
        .contains(
            "limpet_http_requests_seconds_count{class=\"2xx\",outcome=\"ok\",route=\"call\",status=\"200\",type=\"account\"} 1")
        .contains("outcome=\"LMP-1003\",route=\"call\",status=\"404\",type=\"none\"")
        .contains("limpet_http_requests_seconds_bucket")
        .contains("limpet_http_connections 1.0")
        .doesNotContain("secret-key")
        .doesNotContain("evil")
        .doesNotContain("BREW");
  }
}
