package dev.limpet.cli.certs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.cli.Shell;
import dev.limpet.transport.PeerName;
import dev.limpet.transport.Tls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertsCommandTest {
  @TempDir private Path folder;

  private Shell certs(String... arguments) {
    List<String> all = new ArrayList<>(List.of("certs", "--out", folder.toString()));
    all.addAll(List.of(arguments));
    return Shell.run(all.toArray(String[]::new));
  }

  private void good(String... arguments) {
    Shell shell = certs(arguments);
    assertThat(shell.exitCode()).as(shell.err()).isZero();
  }

  private Tls open(String node, String host) throws IOException {
    return Tls.open(folder.resolve(node), host);
  }

  private byte[] read(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  @Test
  void firstSet_isTakenByEachNode_forLoopback_andForAYear() throws Exception {
    Shell shell = certs("n1", "n2");
    assertThat(shell.exitCode()).as(shell.err()).isZero();
    assertThat(shell.out()).contains("n1", "n2", "localhost");
    assertThat(shell.err()).contains("ca.key").contains("away from the nodes");
    for (String node : List.of("n1", "n2")) {
      for (String host : List.of("localhost", "127.0.0.1", "::1")) {
        try (Tls tls = open(node, host)) {
          assertThat(tls.name()).isEqualTo(new PeerName("limpet", node));
          assertThat(Duration.between(Instant.now(), tls.notAfter()))
              .isBetween(Duration.ofDays(364), Duration.ofDays(366));
        }
      }
    }
    assertThat(read("n1/node.key")).isNotEqualTo(read("n2/node.key"));
    assertThat(folder.resolve("n1/ca.key")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "shop_1, node_1, host-1.example",
    "9lives, 9, 10.1.2.3",
    "a.b, N-1.x, *.pool.example",
    "shop, n1, fe80::1"
  })
  void namesThatAreAllowed_areTakenByTheNode(String cluster, String node, String host)
      throws Exception {
    good("--cluster", cluster, node + "=" + host);
    try (Tls tls = open(node, host.replace("*", "some"))) {
      assertThat(tls.name()).isEqualTo(new PeerName(cluster, node));
    }
  }

  @Test
  void existingCertificate_isKept_butByForce_whichKeepsItsHosts() throws Exception {
    good("n1=10.0.0.1");
    byte[] first = read("n1/node.pem");
    byte[] ca = read("ca.pem");
    Shell refused = certs("n1");
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err()).contains("has a certificate already").contains("--force");
    assertThat(read("n1/node.pem")).isEqualTo(first);
    good("--force", "n1");
    assertThat(read("n1/node.pem")).isNotEqualTo(first);
    assertThat(read("ca.pem")).isEqualTo(ca);
    open("n1", "10.0.0.1").close();
  }

  @Test
  void changeOfCa_keepsEveryStepUsable() throws Exception {
    good("n1", "n2");
    byte[] old = read("ca.pem");
    good("--new-ca");
    open("n1", "localhost").close();
    assertThat(new String(read("n1/ca.pem"), StandardCharsets.US_ASCII))
        .endsWith(new String(old, StandardCharsets.US_ASCII));
    Shell early = certs("--drop-old-ca");
    assertThat(early.exitCode()).isNotZero();
    assertThat(early.err()).contains("n1 is of the old CA").contains("--force n1");
    good("--force", "n1", "n2");
    open("n2", "localhost").close();
    good("--drop-old-ca");
    open("n1", "localhost").close();
    assertThat(read("n1/ca.pem")).isEqualTo(read("ca.pem")).isNotEqualTo(old);
    assertThat(folder.resolve("ca.key.old")).doesNotExist();
  }

  @Test
  void keyOfAnotherCa_isRefused_beforeAnythingIsSigned() throws Exception {
    good("n1");
    byte[] before = read("n1/node.pem");
    assertThat(Shell.run("certs", "--out", folder.resolve("other").toString(), "n1").exitCode())
        .isZero();
    Files.copy(
        folder.resolve("other/ca.key"),
        folder.resolve("ca.key"),
        StandardCopyOption.REPLACE_EXISTING);
    Shell shell = certs("--force", "n1");
    assertThat(shell.exitCode()).isNotZero();
    assertThat(shell.err()).contains("ca.key is not the key of the first certificate of");
    assertThat(read("n1/node.pem")).isEqualTo(before);
  }

  @Test
  void lostCaKey_isSaid() throws Exception {
    good("n1");
    Files.delete(folder.resolve("ca.key"));
    Shell shell = certs("n2");
    assertThat(shell.exitCode()).isNotZero();
    assertThat(shell.err()).contains("there is no").contains("ca.key").contains("bring it back");
  }

  @Test
  void caOfAnotherCluster_isRefused() {
    good("--cluster", "shop", "n1");
    Shell shell = certs("--cluster", "den", "n2");
    assertThat(shell.exitCode()).isNotZero();
    assertThat(shell.err()).contains("is that of cluster \"shop\", not of \"den\"");
  }

  @Test
  void files_canBeReadByTheirOwnerAlone_andNoDraftIsLeft() throws Exception {
    good("n1");
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        assertThat(each.getFileName().toString()).doesNotStartWith(".");
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
              .isEqualTo("rw-------");
        }
      }
    }
  }
}
