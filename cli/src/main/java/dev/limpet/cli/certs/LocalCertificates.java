package dev.limpet.cli.certs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Certificates of the nodes of a cluster that this JVM starts itself, on this machine. */
public final class LocalCertificates {
  private static final int DAYS = 1;

  private LocalCertificates() {}

  /**
   * Makes a CA of cluster {@code limpet}, and a directory for each node on loopback.
   *
   * @param folder new or empty
   */
  public static void make(Path folder, List<String> nodes) throws IOException {
    Map<String, List<String>> hosts = new LinkedHashMap<>();
    nodes.forEach(node -> hosts.put(node, List.of()));
    make(folder, hosts);
  }

  /**
   * Makes a CA of cluster {@code limpet}, and a directory for each node.
   *
   * @param folder new or empty
   * @param hosts by node, the addresses that the others dial; none for loopback
   */
  public static void make(Path folder, Map<String, List<String>> hosts) throws IOException {
    CertificateFolder made = new CertificateFolder(folder, Instant.now());
    Authority authority = made.createAuthority("limpet");
    for (Map.Entry<String, List<String>> node : hosts.entrySet()) {
      made.issue(authority, new Subject(node.getKey(), node.getValue()), DAYS);
    }
  }
}
