package dev.limpet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AdminCommandsTest {
  private FakeNode node;

  @BeforeEach
  void start() throws IOException {
    node = new FakeNode();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Shell run(String... arguments) {
    String[] all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--url";
    all[arguments.length + 1] = node.url();
    return Shell.run(all);
  }

  private void cluster() {
    node.answer(
            "GET /admin/cluster",
            200,
            """
            {"cluster":"limpet","clusterId":"c1","self":"n1","view":42,"leader":null,"shards":256,
             "shardsOrphaned":0,"movesUnderWay":3,"pins":2,"shardsOpen":86,"types":["counter","wallet"]}
            """)
        .answer(
            "GET /admin/nodes",
            200,
            """
            [{"node":"n1","state":"up","registration":3,"clusterAddress":"127.0.0.1:7201",
              "httpAddress":"127.0.0.1:7101","shards":86,"shardsPreferred":85,"leader":true,
              "leaseMillisLeft":2640,"heardMillisAgo":120},
             {"node":"north-2","state":"draining","registration":4,"clusterAddress":"127.0.0.1:7202",
              "httpAddress":"","shards":170,"shardsPreferred":171,"leader":false,
              "leaseMillisLeft":null,"heardMillisAgo":null,"lacks":"the store"}]
            """);
  }

  @Test
  void status_isAnAlignedTable() {
    cluster();
    Shell status = run("status");
    assertThat(status.exitCode()).isZero();
    assertThat(status.err()).isEmpty();
    assertThat(status.out().lines())
        .containsExactly(
            "cluster limpet, seen by n1 at view 42, ledger led by -",
            "256 shards, 0 without a home, 3 moves under way, 2 pins",
            "types counter, wallet",
            "",
            "NODE     STATE     SHARDS  PREFERRED  LEASE LEFT  HEARD  CLUSTER         HTTP",
            "n1       up            86         85       2.6 s  0.1 s  127.0.0.1:7201 "
                + " 127.0.0.1:7101  leads the ledger",
            "north-2  draining     170        171           -      -  127.0.0.1:7202 "
                + " -               does not reach the store");
  }

  @Test
  void status_saysWhichRoleIsHeldByWhom_andWhichByNobody() {
    node.answer(
            "GET /admin/cluster",
            200,
            """
            {"cluster":"limpet","self":"n1","view":42,"leader":"n1","shards":384,"shardsOrphaned":64,
             "types":["counter","poker","room","video"],
             "roles":[{"role":"gpu","types":["video"],"nodes":[],"shards":64},
                      {"role":"play","types":["poker","room"],"nodes":["n1","n2"],"shards":128}]}
            """)
        .answer(
            "GET /admin/nodes",
            200,
            """
            [{"node":"n1","state":"member","roles":["api","play"],"leader":true}]
            """);
    assertThat(run("status").out().lines())
        .contains(
            "role gpu hosts video: 64 shards wait for a node with it (--roles gpu)",
            "role play hosts poker, room: 128 shards on n1, n2")
        .anyMatch(
            line -> line.startsWith("n1 ") && line.endsWith("holds api, play, leads the ledger"));
  }

  @Test
  void where_ofAProcessWhoseRoleNobodyHolds_saysSo() {
    node.answer(
        "GET /admin/where/video/v1",
        200,
        """
        {"type":"video","key":"v1","shard":300,"home":null,"epoch":17,"homeHttp":null,
         "state":"homeless","pinned":false,"role":"gpu"}
        """);
    assertThat(run("where", "video", "v1").out()).contains("homeless, no node holds gpu");
  }

  @Test
  void statusAsJson_holdsClusterAndNodes() {
    cluster();
    Shell status = run("status", "--json");
    assertThat(status.exitCode()).isZero();
    assertThat(status.out())
        .startsWith("{\"cluster\":{\"cluster\":\"limpet\"")
        .contains("\"nodes\":[{\"node\":\"n1\"");
  }

  @Test
  void where_encodesTheKeyAndShowsTheHome() {
    node.answer(
        "GET /admin/where/wallet/a%2Fb%20%C3%A9",
        200,
        """
        {"type":"wallet","key":"a/b é","shard":7,"home":"n2","epoch":17,"homeHttp":"127.0.0.1:7102","state":"live"}
        """);
    Shell where = run("where", "wallet", "a/b é");
    assertThat(where.exitCode()).isZero();
    assertThat(where.out().lines())
        .containsExactly(
            "TYPE    KEY    SHARD  HOME  EPOCH  STATE  HTTP",
            "wallet  a/b é      7  n2       17  live   127.0.0.1:7102");
  }

  @Test
  void moveAndUnpin_sayWhereTheProcessIsThen_orThatItIsOnItsWay() {
    node.answer(
        "POST /admin/move/wallet/a%2Fb/n2",
        200,
        """
        {"done":true,"where":{"type":"wallet","key":"a/b","shard":300,"home":"n2","epoch":17,
         "homeHttp":"127.0.0.1:7102","state":"home","pinned":true}}
        """);
    Shell move = run("move", "wallet", "a/b", "n2");
    assertThat(move.exitCode()).isZero();
    assertThat(move.out().lines())
        .containsExactly(
            "TYPE    KEY  SHARD  HOME  EPOCH  STATE         HTTP",
            "wallet  a/b    300  n2       17  home, pinned  127.0.0.1:7102");
    node.answer(
        "POST /admin/unpin/wallet/a%2Fb",
        200,
        """
        {"done":false,"where":{"type":"wallet","key":"a/b","shard":300,"home":"n2","epoch":17,
         "state":"moving","pinned":true}}
        """);
    Shell unpin = run("unpin", "wallet", "a/b");
    assertThat(unpin.exitCode()).isEqualTo(1);
    assertThat(unpin.err()).contains("on its way");
  }

  @Test
  void inspect_showsCells() {
    node.answer(
        "GET /admin/inspect/wallet/alice",
        200,
        """
        {"type":"wallet","key":"alice","shard":7,"home":"n2","epoch":17,"state":"live","callsWaiting":0,
         "idleMillis":1500,"turns":9,"lastFailure":null,"cells":{"balance":"Balance[cents=5]"}}
        """);
    Shell inspect = run("inspect", "wallet", "alice");
    assertThat(inspect.exitCode()).isZero();
    assertThat(inspect.out().lines())
        .contains(
            "process    wallet/alice",
            "home       n2, epoch 17, shard 7",
            "cell balance Balance[cents=5]")
        .noneMatch(line -> line.startsWith("failure"));
  }

  @Test
  void inspect_ofAFailingProcess_showsTheLastCauseAndTheNextAttempt() {
    node.answer(
        "GET /admin/inspect/wallet/alice",
        200,
        """
        {"type":"wallet","key":"alice","shard":7,"home":"n2","epoch":17,"state":"failing","callsWaiting":0,
         "idleMillis":1500,"turns":9,"lastFailure":"no mailer",
         "failures":{"failing":true,"inARow":6,"restarts":0,"sinceMillis":4200,"nextAttemptMillis":1900,
                     "cause":"no mailer"}}
        """);
    assertThat(run("inspect", "wallet", "alice").out().lines())
        .contains(
            "state      failing",
            "failure    no mailer",
            "failed     6 in a row, since 4.2 s, made anew 0 times",
            "next       attempt with the first call after 1.9 s");
  }

  @Test
  void inspect_ofAStuckProcess_showsWhereItsThreadIs() {
    node.answer(
        "GET /admin/inspect/wallet/alice",
        200,
        """
        {"type":"wallet","key":"alice","shard":7,"home":"n2","epoch":17,"state":"stuck","callsWaiting":3,
         "idleMillis":1500,"turns":9,
         "stuck":{"method":"deposit","millis":31000,"stack":["java.lang.Thread.park","app.Mailer.send"]}}
        """);
    assertThat(run("inspect", "wallet", "alice").out().lines())
        .contains(
            "state      stuck",
            "stuck      deposit runs for 31.0 s",
            "             at java.lang.Thread.park",
            "             at app.Mailer.send");
  }

  @Test
  void status_whereSomethingFails_saysWhatAndWhere() {
    cluster();
    node.answer(
        "GET /admin/troubles",
        200,
        """
        [{"node":"n1","processesFailing":0,"turnsStuck":0,"processes":[]},
         {"node":"n2","processesFailing":1,"turnsStuck":2,"processes":[
           {"type":"wallet","key":"alice","state":"failing","failures":{"cause":"no mailer"}},
           {"type":"game","key":"7","state":"stuck","stuck":{"method":"move","millis":31000,"stack":[]}}]},
         {"node":"n3","processes":[]}]
        """);
    assertThat(run("status").out().lines().skip(7))
        .containsExactly(
            "",
            "on n2: 1 process is failing, 2 turns are stuck",
            "  wallet/alice is failing: no mailer",
            "  game/7 is stuck: move runs for 31.0 s");
    assertThat(run("status", "--json").out()).contains("\"troubles\":[{\"node\":\"n1\"");
  }

  @Test
  void watch_printsEachDecisionAndFailsWhenTheNodeEndsIt() {
    node.answer(
        "GET /admin/watch",
        200,
        """
        {"index":5,"kind":"join","text":"n2 joined"}

        {"index":6,"kind":"move","text":"shard 7 moves to n2"}
        """);
    Shell watch = run("watch");
    assertThat(watch.exitCode()).isEqualTo(1);
    assertThat(watch.out().lines())
        .containsExactly(
            "       5  join           n2 joined", "       6  move           shard 7 moves to n2");
    assertThat(watch.err()).startsWith("limpet: the node ended the watch");
  }

  @Test
  void forget_posts() {
    node.answer("POST /admin/forget/n2", 200, "{}");
    assertThat(run("forget", "n2").exitCode()).isZero();
    assertThat(node.asked).containsExactly("POST /admin/forget/n2");
  }

  @Test
  void drainAndUndrain_post() {
    node.answer("POST /admin/drain/n2", 204, "").answer("POST /admin/undrain/n2", 200, "{}");
    assertThat(run("drain", "n2").exitCode()).isZero();
    assertThat(run("undrain", "n2").exitCode()).isZero();
    assertThat(node.asked).containsExactly("POST /admin/drain/n2", "POST /admin/undrain/n2");
  }

  @Test
  void call_sendsArgumentsAndPrintsTheResult() {
    node.answer("POST /v1/wallet/alice/deposit", 200, "500");
    Shell call =
        run("call", "wallet", "alice", "deposit", "{\"cents\":500}", "--idempotency-key", "k1");
    assertThat(call.exitCode()).isZero();
    assertThat(call.out().strip()).isEqualTo("500");
    assertThat(node.asked).containsExactly("POST /v1/wallet/alice/deposit {\"cents\":500} key=k1");
  }

  @Test
  void problem_isOneLineWithItsCode() {
    node.answer(
        "POST /v1/wallet/alice/withdraw",
        422,
        """
        {"status":422,"code":"LMP-3005","title":"refused by the process","detail":"the balance is 0 cents","executed":"no"}
        """);
    Shell call = run("call", "wallet", "alice", "withdraw", "{\"cents\":1}");
    assertThat(call.exitCode()).isEqualTo(1);
    assertThat(call.out()).isEmpty();
    assertThat(call.err().strip())
        .isEqualTo("limpet: LMP-3005 refused by the process: the balance is 0 cents");
  }

  @Test
  void somethingElseThatAnswers_isToldApart() {
    node.answer("GET /admin/cluster", 200, "<html>");
    assertThat(run("status").err()).contains("does not speak JSON");
    assertThat(run("where", "wallet", "alice").err())
        .contains("HTTP status 404")
        .contains("is that a Limpet node?");
  }

  @Test
  void nobodyThere_isOneLine() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Shell status = Shell.run("status", "--url", "http://127.0.0.1:" + free);
    assertThat(status.exitCode()).isEqualTo(1);
    assertThat(status.err().lines())
        .containsExactly(
            "limpet: nothing answers at http://127.0.0.1:"
                + free
                + ": start a node there, or name another one with --url");
  }
}
