package dev.limpet.cli.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.Shell;
import dev.limpet.cli.cluster.LocalCluster;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.http.Wire;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Three nodes under TLS, whose certificates the command line has made. */
final class SecuredCluster implements AutoCloseable {
  private static final int ANSWER_MILLIS = 2_000;
  private static final Duration START_TIME = Duration.ofSeconds(100);
  private static final char[] NO_PASSWORD = {};

  private final LocalCluster local;
  private final FaultyCluster cluster;

  private SecuredCluster(LocalCluster local) {
    this.local = local;
    this.cluster = new FaultyCluster(local);
  }

  static SecuredCluster start() {
    SecuredCluster started =
        new SecuredCluster(
            LocalCluster.layOut(
                LocalCluster.onLoopback(3, 0, 0),
                3,
                FaultyCluster.JVM,
                (folder, id) -> List.of("--tls", folder.resolve("certs").resolve(id).toString())));
    started.certs("n1", "n2", "n3");
    started.nodes().forEach(NodeChild::start);
    LocalCluster.awaitReady(started.nodes(), START_TIME);
    started.cluster.awaitHome();
    return started;
  }

  FaultyCluster faulty() {
    return cluster;
  }

  List<NodeChild> nodes() {
    return cluster.nodes();
  }

  Path certificates() {
    return local.folder().resolve("certs");
  }

  /** {@code limpet certs} for this cluster. */
  void certs(String... arguments) {
    certsIn(certificates(), arguments);
  }

  static void certsIn(Path folder, String... arguments) {
    List<String> all = new ArrayList<>(List.of("certs", "--out", folder.toString()));
    all.addAll(List.of(arguments));
    Shell shell = Shell.run(all.toArray(String[]::new));
    assertThat(shell.exitCode()).as(shell.err()).isZero();
  }

  /** The value of one of a node's metrics. */
  static double metric(NodeChild node, String name) {
    try (Wire wire = Wire.connect(node.http(), ANSWER_MILLIS)) {
      return wire.get("/metrics", ANSWER_MILLIS)
          .body()
          .lines()
          .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no metric " + name + " at " + node.id()));
    } catch (IOException e) {
      return Double.NaN; // it stands still, or is dead; perhaps asked again
    }
  }

  /** How many connections a node has turned away so far. */
  static double turnedAway(NodeChild node) {
    return metric(node, "limpet_connections_refused_total")
        + metric(node, "limpet_connections_hostile_total");
  }

  static Socket connect(NodeChild node, Socket socket) throws IOException {
    int colon = node.cluster().lastIndexOf(':');
    socket.connect(
        new InetSocketAddress(
            node.cluster().substring(0, colon),
            Integer.parseInt(node.cluster().substring(colon + 1))),
        ANSWER_MILLIS);
    socket.setSoTimeout(15_000);
    return socket;
  }

  /** Shakes hands over a connection, with the certificate of a node of this cluster. */
  SSLSocket secure(Socket plain, String as) throws Exception {
    SSLSocket socket =
        (SSLSocket) context(as).getSocketFactory().createSocket(plain, "127.0.0.1", 1, true);
    socket.setUseClientMode(true);
    socket.startHandshake();
    return socket;
  }

  /** The certificate that a node shows to those who connect now. */
  Certificate shownBy(NodeChild node) throws Exception {
    try (SSLSocket socket = secure(connect(node, new Socket()), node.id())) {
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  /** The certificate in a node's directory. */
  X509Certificate certificate(String node) throws Exception {
    return read(certificates().resolve(node).resolve("node.pem"));
  }

  private SSLContext context(String node) throws GeneralSecurityException, IOException {
    Path files = certificates().resolve(node);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", read(files.resolve("ca.pem")));
    store.setKeyEntry(
        "node",
        KeyFactory.getInstance("EC")
            .generatePrivate(
                new PKCS8EncodedKeySpec(
                    Base64.getMimeDecoder()
                        .decode(
                            Files.readString(files.resolve("node.key"))
                                .replaceAll("-----[A-Z ]+-----", "")
                                .strip()))),
        NO_PASSWORD,
        new Certificate[] {read(files.resolve("node.pem"))});
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(store, NO_PASSWORD);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static X509Certificate read(Path file) throws GeneralSecurityException, IOException {
    byte[] pem = Files.readString(file).getBytes(StandardCharsets.US_ASCII);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
  }

  @Override
  public void close() {
    local.close();
  }
}
