package dev.limpet.cli.certs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Certificates of nodes on loopback, for a cluster that this JVM starts itself. */
public final class LoopbackCertificates {
  private static final int DAYS = 1;

  private LoopbackCertificates() {}

  /**
   * Makes a CA of cluster {@code limpet}, and a directory for each node.
   *
   * @param folder new or empty
   */
  public static void make(Path folder, List<String> nodes) throws IOException {
    CertificateFolder made = new CertificateFolder(folder, Instant.now());
    Authority authority = made.createAuthority("limpet");
    for (String node : nodes) {
      made.issue(authority, new Subject(node, List.of()), DAYS);
    }
  }
}
