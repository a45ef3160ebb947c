package dev.limpet.cli.certs;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Certificates that the command line makes no more: of ten days ago. */
public final class PastCertificate {
  private PastCertificate() {}

  /** Makes one that expired nine days ago, by a CA that there is. */
  public static void make(Path folder, String node) throws IOException {
    CertificateFolder past =
        new CertificateFolder(folder, Instant.now().minus(Duration.ofDays(10)));
    past.issue(past.authority(), new Subject(node, List.of("127.0.0.1")), 1);
  }
}
