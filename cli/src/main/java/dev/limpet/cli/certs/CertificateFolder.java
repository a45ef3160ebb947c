package dev.limpet.cli.certs;

import dev.limpet.cli.console.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * The CA and a folder for each node:
 *
 * <pre>
 *   ca.pem         the CA; after a change of CA the new one, then the old
 *   ca.key         its key, which no node needs
 *   NODE/ca.pem    a copy
 *   NODE/node.pem
 *   NODE/node.key
 * </pre>
 */
final class CertificateFolder {
  private static final String CA = "ca.pem";
  private static final String CERTIFICATE = "node.pem";
  private static final String KEY = "node.key";
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "::1");

  private final Path folder;
  private final Path caFile;
  private final Path caKey;
  private final Instant now;

  CertificateFolder(Path folder, Instant now) {
    this.folder = folder;
    this.caFile = folder.resolve(CA);
    this.caKey = folder.resolve("ca.key");
    this.now = now;
  }

  boolean hasAuthority() {
    return Files.exists(caFile) || Files.exists(caKey);
  }

  Authority createAuthority(String cluster) throws IOException {
    Pem.makeDirectory(folder);
    Authority made = Authority.create(cluster, now);
    Pem.write(caKey, made.key());
    Pem.write(caFile, List.of(made.certificate()));
    return made;
  }

  /** The CA that signs: the first in its file. */
  Authority authority() throws IOException {
    for (Path needed : List.of(caFile, caKey)) {
      if (!Files.exists(needed)) {
        throw Refusal.failed(
            "there is no "
                + needed
                + ", though the other file of the CA is there: bring it back, or choose an empty"
                + " --out for a new cluster");
      }
    }
    Authority found = new Authority(Pem.certificates(caFile).getFirst(), Pem.key(caKey));
    if (!found.signed(found.certificate())) {
      throw Refusal.failed("the first certificate of " + caFile + " is no CA that signed itself");
    }
    if (!found.ownsKey()) {
      throw Refusal.failed(
          caKey
              + " is not the key of the first certificate of "
              + caFile
              + ": bring the one back that belongs to the other");
    }
    return found;
  }

  /** Makes a new CA beside the one there is; every node is to trust both. */
  void addAuthority() throws IOException {
    Authority old = authority();
    List<X509Certificate> all = new ArrayList<>(Pem.certificates(caFile));
    Authority made = Authority.create(old.cluster(), now);
    all.addFirst(made.certificate());
    Files.move(caKey, folder.resolve("ca.key.old"), StandardCopyOption.REPLACE_EXISTING);
    Pem.write(caKey, made.key());
    writeToAll(all);
  }

  /** Forgets all CAs but the one that signs now. */
  void dropOldAuthorities() throws IOException {
    Authority kept = authority();
    for (Path node : nodes()) {
      if (!kept.signed(Pem.certificates(node.resolve(CERTIFICATE)).getFirst())) {
        String name = String.valueOf(node.getFileName());
        throw Refusal.failed(
            "the certificate of "
                + name
                + " is of the old CA: make it a new one first, limpet certs --out "
                + folder
                + " --force "
                + name);
      }
    }
    writeToAll(List.of(kept.certificate()));
    Files.deleteIfExists(folder.resolve("ca.key.old"));
  }

  private void writeToAll(List<X509Certificate> authorities) throws IOException {
    Pem.write(caFile, authorities);
    for (Path node : nodes()) {
      Pem.write(node.resolve(CA), authorities);
    }
  }

  private List<Path> nodes() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(each -> Files.exists(each.resolve(CERTIFICATE))).sorted().toList();
    }
  }

  /** Whether a node has any of the files already. */
  boolean has(String node) {
    return Stream.of(CA, CERTIFICATE, KEY)
        .anyMatch(file -> Files.exists(folder.resolve(node).resolve(file)));
  }

  /** Makes a node's three files. */
  X509Certificate issue(Authority authority, Subject subject, int days) throws IOException {
    Path node = folder.resolve(subject.node());
    Subject whole = subject.hosts().isEmpty() ? subject.withHosts(hosts(node)) : subject;
    Authority.Issued issued = authority.issue(whole, days, now);
    Pem.makeDirectory(node);
    Pem.write(node.resolve(CA), Pem.certificates(caFile));
    Pem.write(node.resolve(KEY), issued.key());
    Pem.write(node.resolve(CERTIFICATE), List.of(issued.certificate()));
    return issued.certificate();
  }

  private static List<String> hosts(Path node) throws IOException {
    Path former = node.resolve(CERTIFICATE);
    List<String> hosts =
        Files.exists(former) ? hosts(Pem.certificates(former).getFirst()) : List.of();
    return hosts.isEmpty() ? LOOPBACK : hosts;
  }

  /** The hosts that a certificate is for. */
  static List<String> hosts(X509Certificate certificate) throws IOException {
    try {
      List<String> hosts = new ArrayList<>();
      if (certificate.getSubjectAlternativeNames() != null) {
        for (List<?> name : certificate.getSubjectAlternativeNames()) {
          if (name.get(0).equals(GeneralName.dNSName)
              || name.get(0).equals(GeneralName.iPAddress)) {
            hosts.add(name.get(1).toString());
          }
        }
      }
      return hosts;
    } catch (CertificateParsingException e) {
      throw new IOException(e);
    }
  }
}
