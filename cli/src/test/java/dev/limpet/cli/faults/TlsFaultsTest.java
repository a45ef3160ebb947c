package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.certs.PastCertificate;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.node.cluster.Hello;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes whose links are under TLS, as processes of their own, and all that must not disturb them. */
@Tag("faults")
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class TlsFaultsTest {
  private static final int REFUSED_SECONDS = 90; // the log tells each reason once a minute
  private static final int PORT_SCANS = 200;
  private static final int RANDOM_STREAMS = 20;
  private static final int REPLAYS = 10;
  private static final int SILENT = 30;
  private static final byte[] HTTP2 = ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

  private static SecuredCluster secured;
  private static FaultyCluster cluster;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    secured = SecuredCluster.start();
    cluster = secured.faulty();
  }

  @AfterAll
  static void stop() {
    if (secured != null) {
      secured.close();
    }
  }

  @Test
  void nodesUnderTls_workTogether_andSaySo() {
    cluster.heal();
    for (NodeChild node : secured.nodes()) {
      assertThat(log(node))
          .anyMatch(
              line -> line.contains("TLS between nodes: this is limpet://limpet/" + node.id()));
      assertThat(SecuredCluster.metric(node, "limpet_tls_certificate_left_seconds")).isPositive();
      assertThat(SecuredCluster.metric(node, "limpet_tls_files_refused")).isZero();
    }
    NodeChild first = secured.nodes().getFirst();
    List<String> elsewhere = new ArrayList<>();
    for (int i = 0; elsewhere.size() < 20; i++) {
      String key = "tls-" + i;
      if (!FaultyCluster.home(first, key).equals(first.id())) {
        elsewhere.add(key);
        assertThat(Answer.of(first, key, "add", "{\"n\":7}", 10_000).body()).isEqualTo("7");
      }
    }
    for (NodeChild node : secured.nodes()) {
      for (String key : elsewhere) {
        assertThat(Answer.of(node, key, "get", "{}", 10_000).body()).isEqualTo("7");
      }
      assertThat(SecuredCluster.metric(node, "limpet_tls_connections")).isPositive();
    }
  }

  @Test
  @Tag("wide")
  void killedNode_losesNothing_andComesBackUnderTls() {
    try (Trial trial = Trial.begin(cluster, "tls-kill")) {
      NodeChild leader = cluster.leader();
      leader.kill();
      long before = trial.crowd().acknowledged();
      Await.until(
          () -> "calls go on without it; " + trial.crowd().lastTrouble(),
          30,
          () -> trial.crowd().acknowledged() > before + 200);
      trial.verify();
    }
  }

  @Test
  void newCertificatesForAllNodes_underLoad_failNoCall_andAreShown() throws Exception {
    cluster.heal();
    Map<NodeChild, Certificate> before = new LinkedHashMap<>();
    Map<NodeChild, Long> pids = new LinkedHashMap<>();
    for (NodeChild node : secured.nodes()) {
      before.put(node, secured.shownBy(node));
      pids.put(node, node.pid());
    }
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    try (CalmCrowd crowd = CalmCrowd.start(cluster.http(), "tls-rotation", seed)) {
      awaitCalls(crowd, 200);
      change("--force", "n1", "n2", "n3");
      awaitCalls(crowd, 600);
      for (NodeChild node : secured.nodes()) {
        assertThat(secured.shownBy(node))
            .isEqualTo(secured.certificate(node.id()))
            .isNotEqualTo(before.get(node));
        assertThat(node.pid()).isEqualTo(pids.get(node));
      }
      long calls = crowd.calls();
      assertThat(crowd.findings()).as("seed %d", seed).isEmpty();
      System.err.printf(
          "faults: tls: seed %d, certificates changed under %d calls, longest wait %.0f ms%n",
          seed, calls, crowd.pauseMillis(100));
    }
  }

  @Test
  void changeOfCa_inThreeSteps_underLoad_failsNoCall() throws Exception {
    cluster.heal();
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    try (CalmCrowd crowd = CalmCrowd.start(cluster.http(), "tls-ca", seed)) {
      awaitCalls(crowd, 200);
      change("--new-ca");
      change("--force", "n1", "n2", "n3");
      change("--drop-old-ca");
      Await.until(
          "every node has closed what rests on the old CA, the consensus engine's connections at least",
          60,
          () ->
              secured.nodes().stream()
                  .allMatch(node ->
                      log(node).stream()
                          .anyMatch(line -> line.contains("rests on a CA that was removed"))));
      awaitCalls(crowd, 400);
      assertThat(crowd.findings()).as("seed %d", seed).isEmpty();
      System.err.printf(
          "faults: tls: seed %d, the CA changed, longest wait %.0f ms%n",
          seed, crowd.pauseMillis(100));
    }
    for (NodeChild node : secured.nodes()) {
      assertThat(secured.shownBy(node)).isEqualTo(secured.certificate(node.id()));
      assertThat(SecuredCluster.metric(node, "limpet_tls_files_refused")).isZero();
    }
  }

  /** Changes files of all nodes, and waits until all use them. */
  private static void change(String... certs) {
    Map<NodeChild, Double> editions = new LinkedHashMap<>();
    for (NodeChild node : secured.nodes()) {
      editions.put(node, SecuredCluster.metric(node, "limpet_tls_editions_total"));
    }
    secured.certs(certs);
    editions.forEach((node, before) ->
        Await.until(
            node.id() + " uses its new files",
            30,
            () -> SecuredCluster.metric(node, "limpet_tls_editions_total") > before));
  }

  @Test
  void strangers_underLoad_disturbNoCall_andAreCounted_andLoggedOnce() throws Exception {
    cluster.heal();
    NodeChild node = cluster.follower();
    long pid = node.pid();
    long registration = FaultyCluster.member(node, node).path("registration").asLong(-1);
    double before = SecuredCluster.turnedAway(node);
    long seed = Long.getLong("limpet.faults.seed", System.nanoTime());
    List<byte[]> streams = streams(seed, node);
    List<Socket> silent = new ArrayList<>();
    try (CalmCrowd crowd = CalmCrowd.start(cluster.http(), "tls-strangers", seed)) {
      awaitCalls(crowd, 200);
      for (int i = 0; i < SILENT; i++) {
        silent.add(SecuredCluster.connect(node, new Socket()));
      }
      for (int i = 0; i < PORT_SCANS; i++) {
        SecuredCluster.connect(node, new Socket()).close();
      }
      for (byte[] stream : streams) {
        sendAndReadToEnd(node, stream);
      }
      for (int i = 0; i < 10; i++) {
        assertThat(sendAndReadToEnd(node, HTTP2))
            .as("to the consensus engine, without TLS")
            .contains("this port takes TLS only");
      }
      awaitCalls(crowd, 200);
      assertThat(crowd.findings()).as("seed %d", seed).isEmpty();
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
    double counted = SecuredCluster.turnedAway(node) - before;
    assertThat(counted).isGreaterThanOrEqualTo(streams.size() + 10.0);
    List<String> warnings =
        log(node).stream()
            .filter(line -> line.contains("WARNING") && line.contains("dev.limpet.transport"))
            .toList();
    assertThat(warnings).as("far fewer lines than %s strangers", counted).hasSizeLessThan(20);
    assertThat(warnings.stream().filter(line -> line.contains("it came without TLS")))
        .hasSizeBetween(1, 3);
    assertThat(node.pid()).isEqualTo(pid);
    assertThat(node.isAlive()).isTrue();
    assertThat(FaultyCluster.member(node, node).path("registration").asLong(-1))
        .isEqualTo(registration);
    System.err.printf("faults: tls: seed %d, %.0f strangers counted%n", seed, counted);
  }

  private List<byte[]> streams(long seed, NodeChild node) throws Exception {
    Random random = new Random(seed);
    List<byte[]> streams = new ArrayList<>();
    for (int i = 0; i < RANDOM_STREAMS; i++) {
      byte[] bytes = new byte[100 + random.nextInt(100_000)];
      random.nextBytes(bytes);
      bytes[0] = (byte) (i % 2 == 0 ? 22 : 0xFF);
      streams.add(bytes);
    }
    byte[] forged = forgedFrames(random);
    byte[] recorded = recordedConnection(node);
    for (int i = 0; i < REPLAYS; i++) {
      streams.add(forged);
      streams.add(recorded);
    }
    return streams;
  }

  /** A hello as node n1 says it, and frames of every kind; without TLS. */
  private static byte[] forgedFrames(Random random) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    writeHello(out);
    for (int kind = 0; kind < 64; kind++) {
      byte[] body = new byte[random.nextInt(100)];
      random.nextBytes(body);
      writeFrame(out, kind, body);
    }
    return bytes.toByteArray();
  }

  private static void writeHello(DataOutputStream out) throws IOException {
    byte[] hello = new Hello("limpet", "n1").greeting().hello();
    out.writeBytes("LMPT");
    out.writeShort(1);
    out.writeShort(0);
    out.writeInt(hello.length);
    out.write(hello);
    out.flush();
  }

  private static void writeFrame(DataOutputStream out, int kind, byte[] body) throws IOException {
    out.writeInt(body.length);
    out.writeByte(1);
    out.writeByte(0);
    out.writeShort(kind);
    out.writeLong(kind + 1);
    out.write(body);
    out.flush();
  }

  /** What a real connection of node n1 looks like from outside: all bytes that it sent, and that were believed. */
  private static byte[] recordedConnection(NodeChild node) throws Exception {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    Socket recording =
        new Socket() {
          @Override
          public OutputStream getOutputStream() throws IOException {
            return new Doubling(super.getOutputStream(), sent);
          }
        };
    try (SSLSocket socket = secured.secure(SecuredCluster.connect(node, recording), "n1")) {
      writeHello(new DataOutputStream(socket.getOutputStream()));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      assertThat(in.readNBytes(8)).startsWith(ascii("LMPT")).endsWith(0, 1, 0, 0);
      in.skipNBytes(in.readInt());
    }
    return sent.toByteArray();
  }

  private static final class Doubling extends OutputStream {
    private final OutputStream one;
    private final OutputStream other;

    Doubling(OutputStream one, OutputStream other) {
      this.one = one;
      this.other = other;
    }

    @Override
    public void write(int b) throws IOException {
      one.write(b);
      other.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      one.write(bytes, from, length);
      other.write(bytes, from, length);
    }
  }

  /** What the node says before it closes the connection, which it must. */
  private static String sendAndReadToEnd(NodeChild node, byte[] bytes) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = SecuredCluster.connect(node, new Socket())) {
      try {
        socket.getOutputStream().write(bytes);
        socket.getInputStream().transferTo(answer);
      } catch (java.net.SocketTimeoutException e) {
        throw new AssertionError("left open", e);
      } catch (IOException e) {
        // Closed with bytes of ours unread.
        return answer.toString(StandardCharsets.US_ASCII);
      }
    }
    return answer.toString(StandardCharsets.US_ASCII);
  }

  @Test
  void nodeOfAnotherCa_joinsNothing_andBothSaySo() throws Exception {
    SecuredCluster.certsIn(folder.resolve("other"), "n4");
    try (LooseNode node = node("--tls", folder.resolve("other/n4").toString())) {
      assertStranger(node, "signed by none of the CAs in this node's ca.pem");
      awaitSomeNodeSays("refuses this node's certificate or TLS version");
    }
  }

  @Test
  void nodeThatTrustsUs_withACertificateOfAnotherCa_joinsNothing_andBothSaySo() throws Exception {
    SecuredCluster.certsIn(folder.resolve("other"), "n4");
    Path both = folder.resolve("other/n4/ca.pem");
    Files.writeString(
        both, Files.readString(both) + Files.readString(secured.certificates().resolve("ca.pem")));
    try (LooseNode node = node("--tls", folder.resolve("other/n4").toString())) {
      assertStranger(node, "refuses this node's certificate or TLS version");
      awaitSomeNodeSays("signed by none of the CAs in this node's ca.pem");
    }
  }

  @Test
  void nodeWithoutTls_joinsNothing_andBothSaySo() throws Exception {
    try (LooseNode node = node()) {
      assertStranger(node, "this port takes TLS only; start the node with --tls");
      awaitSomeNodeSays("it came without TLS; start it with --tls, too");
    }
  }

  @Test
  void nodeWithACertificateThatIsNotItsOwn_doesNotStart_andSaysWhatToDo() throws Exception {
    try (LooseNode node = node("--tls", secured.certificates().resolve("n1").toString())) {
      assertRefusesToStart(node, "is for limpet://limpet/n1, and this node is limpet://limpet/n4");
    }
  }

  @Test
  void nodeWithACertificateForAnotherHost_doesNotStart_andSaysWhatToDo() throws Exception {
    copyAuthority();
    SecuredCluster.certsIn(folder.resolve("ours"), "n4=elsewhere.example");
    try (LooseNode node = node("--tls", folder.resolve("ours/n4").toString())) {
      assertRefusesToStart(
          node, "is for elsewhere.example, and the others dial this node as 127.0.0.1");
    }
  }

  @Test
  void nodeWithAnExpiredCertificate_doesNotStart_andSaysWhatToDo() throws Exception {
    copyAuthority();
    PastCertificate.make(folder.resolve("ours"), "n4");
    try (LooseNode node = node("--tls", folder.resolve("ours/n4").toString())) {
      assertRefusesToStart(node, "node.pem: it expired at ");
    }
  }

  /** The cluster's own CA, for certificates that the cluster has no use for. */
  private void copyAuthority() throws IOException {
    Files.createDirectories(folder.resolve("ours"));
    for (String file : List.of("ca.pem", "ca.key")) {
      Files.copy(secured.certificates().resolve(file), folder.resolve("ours").resolve(file));
    }
  }

  private LooseNode node(String... more) throws IOException {
    cluster.heal();
    List<String> arguments = new ArrayList<>();
    arguments.add("--seeds");
    arguments.add(String.join(",", cluster.local().seeds()));
    arguments.addAll(List.of(more));
    return LooseNode.start(folder.resolve("n4"), "n4", arguments);
  }

  private static void awaitSomeNodeSays(String text) {
    Await.until(
        "a node of the cluster says \"" + text + "\"",
        REFUSED_SECONDS,
        () ->
            secured.nodes().stream()
                .flatMap(node -> log(node).stream())
                .anyMatch(line -> line.contains(text)));
  }

  private static void assertRefusesToStart(LooseNode node, String why) {
    Await.until(() -> "it ends, but " + node.lines(), REFUSED_SECONDS, () -> !node.isAlive());
    assertThat(node.exitCode()).isNotZero();
    assertThat(node.lines().getLast())
        .startsWith("limpet: LMP-4011")
        .contains(why)
        .contains("limpet certs");
    assertThat(node.lines()).noneMatch(line -> line.startsWith("\tat "));
  }

  private static void assertStranger(LooseNode stranger, String why) {
    Await.until(
        () -> "it ends, but " + stranger.lines(), REFUSED_SECONDS, () -> !stranger.isAlive());
    assertThat(stranger.lines().getLast()).startsWith("limpet: LMP-4007").contains(why);
    for (NodeChild node : secured.nodes()) {
      assertThat(Objects.requireNonNull(FaultyCluster.ask(node, "/admin/nodes"))).hasSize(3);
      assertThat(Answer.of(node, "tls-stranger", "add", "{\"n\":1}", 10_000).status())
          .isEqualTo(200);
    }
  }

  private static List<String> log(NodeChild node) {
    return node.lastWords(Integer.MAX_VALUE);
  }

  private static void awaitCalls(CalmCrowd crowd, int more) {
    long before = crowd.calls();
    Await.until(more + " calls more", 60, () -> crowd.calls() > before + more);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
