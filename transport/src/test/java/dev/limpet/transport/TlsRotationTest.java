package dev.limpet.transport;

import static dev.limpet.transport.Peers.ECHO;
import static dev.limpet.transport.Peers.SECOND;
import static dev.limpet.transport.Peers.text;
import static dev.limpet.transport.Peers.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates and CAs change while nodes run. */
@Timeout(60)
class TlsRotationTest {
  private static final TestCa OLD = new TestCa("old");
  private static final TestCa NEW = new TestCa("new");

  @TempDir private Path directory;
  private final TransportLog log = TransportLog.open();
  private Tls tlsOfA;
  private Tls tlsOfB;
  private Transport a;
  private Transport b;

  @BeforeEach
  void start() throws Exception {
    tlsOfA = Tls.openUnwatched(OLD.good(directory, "a"));
    tlsOfB = Tls.openUnwatched(OLD.good(directory, "b"));
    a = Peers.node("a", ECHO, Peers.config(), tlsOfA);
    b = Peers.node("b", ECHO, Peers.config(), tlsOfB);
  }

  @AfterEach
  void stop() {
    a.close();
    b.close();
    tlsOfA.close();
    tlsOfB.close();
    log.close();
  }

  @Test
  void newCertificate_isUsedForNewConnections_andOldOnesLiveOn() throws Exception {
    call();
    Certificate before = shownBy(b);
    OLD.good(directory, "b");
    look(tlsOfB);
    assertThat(tlsOfB.edition()).isEqualTo(2);
    call();
    assertThat(a.stats().connects()).as("on the connection that there was").isEqualTo(1);
    anew();
    call();
    assertThat(a.stats().connects()).isEqualTo(2);
    assertThat(shownBy(b)).isEqualTo(certificate("b/node.pem")).isNotEqualTo(before);
  }

  @Test
  void linksOfTheNodeThatHasNewFiles_changeConnections_andNoRequestNotices() throws Exception {
    BlockingQueue<Inbound> waiting = new LinkedBlockingQueue<>();
    Handler either =
        in -> {
          if (in.kind() == 1) {
            in.reply(in.body());
          } else {
            waiting.add(in);
          }
        };
    try (Tls tls = Tls.openUnwatched(OLD.good(directory, "c"));
        Transport c = Peers.node("c", either, Peers.config(), tls)) {
      Link link = a.link(Transport.loopback(c.port()));
      CompletableFuture<byte[]> before =
          link.request(2, utf8("before"), System.nanoTime() + 60 * SECOND);
      Inbound held = waiting.take();
      OLD.good(directory, "a");
      look(tlsOfA);
      await(() -> c.stats().accepts() == 2);
      await(() -> tlsOfA.connections() == 2);
      for (int i = 0; i < 1_000; i++) {
        assertThat(link.call(1, utf8("during"), 30 * SECOND)).hasSize(6);
      }
      assertThat(before).isNotDone();
      assertThat(link.inFlight()).isEqualTo(1);
      assertThat(tlsOfA.connections()).as("the old one has work to do").isEqualTo(2);
      assertThat(held.reply(utf8("after"))).isTrue();
      assertThat(text(before.get(30, TimeUnit.SECONDS))).isEqualTo("after");
      await(() -> tlsOfA.connections() == 1);
      assertThat(link.call(1, utf8("x"), 30 * SECOND)).hasSize(1);
      assertThat(c.stats().accepts()).isEqualTo(2);
    }
  }

  @Test
  void newFilesThatThePeerRefuses_leaveTheConnectionInUse() {
    call();
    // a goes over to a CA that b does not know yet.
    look("a", tlsOfA, NEW, OLD, NEW);
    await(() -> b.stats().tlsRefusals() == 1);
    for (int i = 0; i < 1_000; i++) {
      call();
    }
    assertThat(a.stats().connects()).isEqualTo(1);
  }

  @Test
  void filesThatChangeOneAfterTheOther_areTakenWhenAllHave() throws Exception {
    Path fresh = OLD.draft("b").in(directory.resolve("fresh"));
    Files.copy(fresh.resolve("node.pem"), room("b/node.pem"));
    tlsOfB.look(System.nanoTime());
    assertThat(tlsOfB.edition()).isEqualTo(1);
    Files.copy(fresh.resolve("node.key"), room("b/node.key"));
    tlsOfB.look(System.nanoTime());
    assertThat(tlsOfB.edition()).as("it may change further").isEqualTo(1);
    tlsOfB.look(System.nanoTime());
    assertThat(tlsOfB.edition()).isEqualTo(2);
    assertThat(log.lines()).isEmpty();
    call();
  }

  @Test
  void brokenFiles_areRefusedWithOneLine_andTheFormerStayInUse() throws Exception {
    for (Breaking each :
        List.of(
            new Breaking("node.key", "nothing", "node.key holds no private key in PEM"),
            new Breaking("node.pem", "", "node.pem holds no certificate"),
            new Breaking("node.pem", "nothing", "node.pem holds no certificate"),
            new Breaking("ca.pem", "", "ca.pem holds no certificate"),
            new Breaking("ca.pem", NEW.pem(), "signed by none of the CAs"))) {
      OLD.good(directory, "b");
      look(tlsOfB);
      long edition = tlsOfB.edition();
      int lines = log.lines().size();
      Files.writeString(directory.resolve("b").resolve(each.file), each.text);
      look(tlsOfB);
      look(tlsOfB);
      assertThat(tlsOfB.edition()).isEqualTo(edition);
      assertThat(log.lines().subList(lines, log.lines().size()))
          .singleElement()
          .asString()
          .contains("refused, the former stay in use")
          .contains(each.why);
      anew();
      call();
    }
    Files.delete(directory.resolve("b/ca.pem"));
    look(tlsOfB);
    assertThat(log.lines().getLast()).contains("there is no file");
    anew();
    call();
  }

  private record Breaking(String file, String text, String why) {}

  @Test
  void keyOfAnotherCertificate_isRefused() throws Exception {
    Files.copy(directory.resolve("a/node.key"), room("b/node.key"));
    look(tlsOfB);
    assertThat(log.lines()).singleElement().asString().contains("is not the key of node.pem");
    assertThat(tlsOfB.edition()).isEqualTo(1);
  }

  @Test
  void certificateOfAnotherNode_isRefused() {
    OLD.draft("c").in(directory.resolve("b"));
    look(tlsOfB);
    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains("the certificate is for limpet://lab/c, and this is limpet://lab/b");
    assertThat(tlsOfB.edition()).isEqualTo(1);
  }

  @Test
  void certificateForAnotherHost_isRefused_atTheStartAndLater() throws Exception {
    Path files = OLD.good(directory, "c");
    assertThatThrownBy(() -> Tls.opened(files, "127.0.0.1"))
        .isInstanceOf(IOException.class)
        .hasMessage("the certificate is for localhost, and the others dial this node as 127.0.0.1");
    try (Tls tls = Tls.opened(files, "localhost")) {
      OLD.draft("c").host("elsewhere.example").in(files);
      look(tls);
      assertThat(tls.edition()).isEqualTo(1);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("for elsewhere.example, and the others dial this node as localhost");
    }
  }

  @Test
  void certificateForServersOnly_isRefusedAtTheStart() {
    Path files = OLD.draft("c").forServersOnly().in(directory.resolve("c"));
    assertThatThrownBy(() -> Tls.openUnwatched(files))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("node.pem: ")
        .hasMessageContaining("TLS client authentication");
  }

  @Test
  void directoryInPlaceOfAFile_isRefused_andSeenUntilTheFileIsBack() throws Exception {
    String former = Files.readString(directory.resolve("b/node.key"));
    Files.createDirectory(room("b/node.key"));
    look(tlsOfB);
    assertThat(log.lines()).singleElement().asString().contains("node.key");
    assertThat(tlsOfB.filesAreRefused()).isTrue();
    Files.writeString(room("b/node.key"), former);
    look(tlsOfB);
    assertThat(tlsOfB.filesAreRefused()).isFalse();
    assertThat(tlsOfB.edition()).isEqualTo(1);
    anew();
    call();
  }

  @Test
  void brokenKey_isRefused_andNothingOfItIsLogged() throws Exception {
    String key = Files.readString(directory.resolve("b/node.key"));
    String secret = key.lines().skip(1).findFirst().orElseThrow();
    Files.writeString(
        directory.resolve("b/node.key"),
        "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n");
    look(tlsOfB);
    assertThat(log.lines()).singleElement().asString().contains("holds no EC key");
    assertThat(log.lines().getFirst()).doesNotContain(secret.substring(0, 20));
  }

  @Test
  void caRotation_inThreeSteps_isNoticedByNoCall() {
    call();
    // 1. Everybody trusts both.
    rotate("a", tlsOfA, OLD, OLD, NEW);
    rotate("b", tlsOfB, OLD, OLD, NEW);
    // 2. New certificates.
    rotate("a", tlsOfA, NEW, OLD, NEW);
    rotate("b", tlsOfB, NEW, OLD, NEW);
    // 3. Nobody trusts the old one.
    rotate("a", tlsOfA, NEW, NEW);
    rotate("b", tlsOfB, NEW, NEW);
    assertThat(log.lines()).isEmpty();
    assertThat(a.stats().refusals() + b.stats().refusals()).isZero();
  }

  @Test
  void connectionThatRestsOnARemovedCa_isClosed() {
    look("a", tlsOfA, OLD, OLD, NEW);
    look("b", tlsOfB, NEW, OLD, NEW);
    anew();
    call();
    assertThat(link().state()).isEqualTo(LinkState.CONNECTED);
    look("b", tlsOfB, NEW, NEW);
    call();
    tlsOfB.look(System.nanoTime() + 9 * SECOND);
    call();
    tlsOfB.look(System.nanoTime() + 10 * SECOND);
    await(() -> link().state() != LinkState.CONNECTED);
    assertThatThrownBy(this::call)
        .isInstanceOf(LinkException.class)
        .hasMessageContaining("refuses this node's certificate");
  }

  @Test
  void directoryWithoutFiles_isRefusedAtTheStart() {
    assertThatThrownBy(() -> Tls.openUnwatched(directory.resolve("nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no file")
        .hasMessageContaining("ca.pem");
  }

  @Test
  void expiredCertificate_isRefusedAtTheStart() {
    Path expired = OLD.draft("x").expired().in(directory.resolve("x"));
    assertThatThrownBy(() -> Tls.openUnwatched(expired))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("node.pem: it expired at ");
  }

  @Test
  void keyInAnotherFormat_isRefusedAtTheStart_withTheCommandThatChangesIt() throws Exception {
    Path other = OLD.good(directory, "x");
    Files.writeString(
        other.resolve("node.key"),
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
    assertThatThrownBy(() -> Tls.openUnwatched(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("openssl pkcs8 -topk8");
  }

  @Test
  void watchedFiles_areTakenByThemselves() throws Exception {
    try (Tls watched = Tls.open(directory.resolve("a"), "localhost")) {
      OLD.good(directory, "a");
      await(() -> watched.edition() == 2);
    }
  }

  /** Writes new files for one node, and calls over a new connection. */
  private void rotate(String node, Tls tls, TestCa by, TestCa... trusting) {
    long connects = a.stats().connects();
    look(node, tls, by, trusting);
    if (tls.equals(tlsOfA)) {
      await(() -> a.stats().connects() > connects); // by itself
    } else {
      anew();
    }
    call();
  }

  private void look(String node, Tls tls, TestCa by, TestCa... trusting) {
    by.draft(node).trusting(trusting).in(directory.resolve(node));
    look(tls);
  }

  private static void look(Tls tls) {
    tls.look(System.nanoTime());
    tls.look(System.nanoTime());
  }

  private static void await(BooleanSupplier what) {
    long until = System.nanoTime() + 30 * SECOND;
    while (!what.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(until);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** The path of a file, for another to be put there. */
  private Path room(String file) throws IOException {
    Files.delete(directory.resolve(file));
    return directory.resolve(file);
  }

  private Link link() {
    return a.link(Transport.loopback(b.port()));
  }

  private void call() {
    assertThat(text(link().call(1, utf8("x"), 30 * SECOND))).isEqualTo("x");
  }

  /** The next call makes a new connection. */
  private void anew() {
    link().close();
  }

  private Certificate shownBy(Transport node) throws Exception {
    try (SSLSocket socket = RawTls.connect(node, directory.resolve("a"))) {
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  private Certificate certificate(String file) throws Exception {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(directory.resolve(file))));
  }
}
