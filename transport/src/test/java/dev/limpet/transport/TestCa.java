package dev.limpet.transport;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** A CA whose certificates may be as wrong as a test wants. */
final class TestCa {
  private final Instant now = Instant.now();
  private final X500Principal name;
  private final KeyPair keys = newKeys();
  private final String pem;

  TestCa(String name) {
    this.name = new X500Principal("CN=" + name);
    this.pem =
        sign(this.name, keys, List.of(), true, false, now.minusSeconds(60), Duration.ofDays(10));
  }

  /** Its own certificate. */
  String pem() {
    return pem;
  }

  /** A good certificate of a node of cluster lab, for loopback; to be changed, then written. */
  Draft draft(String node) {
    return new Draft("limpet://lab/" + node);
  }

  /** The directory of a good certificate. */
  Path good(Path parent, String node) {
    return draft(node).in(parent.resolve(node));
  }

  /** What is to be written. */
  final class Draft {
    private String uri;
    private String host = "localhost";
    private Instant from = now.minusSeconds(3_600);
    private Duration valid = Duration.ofDays(9);
    private String authorities = pem;
    private boolean serversOnly;

    private Draft(String uri) {
      this.uri = uri;
    }

    /** Empty for none. */
    Draft uri(String text) {
      uri = text;
      return this;
    }

    Draft host(String text) {
      host = text;
      return this;
    }

    Draft expired() {
      from = now.minus(Duration.ofDays(2));
      valid = Duration.ofDays(1);
      return this;
    }

    Draft notYetValid() {
      from = now.plus(Duration.ofDays(1));
      return this;
    }

    /** Good for the side that accepts, not for the one that dials. */
    Draft forServersOnly() {
      serversOnly = true;
      return this;
    }

    /** Whom it trusts, if not this CA alone. */
    Draft trusting(TestCa... cas) {
      authorities = "";
      for (TestCa ca : cas) {
        authorities += ca.pem;
      }
      return this;
    }

    /** Writes the three files. */
    Path in(Path directory) {
      KeyPair mine = newKeys();
      List<GeneralName> names = new ArrayList<>();
      names.add(new GeneralName(GeneralName.dNSName, host));
      if (!uri.isEmpty()) {
        names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
      }
      String certificate =
          sign(new X500Principal("CN=node"), mine, names, false, serversOnly, from, valid);
      try {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("ca.pem"), authorities);
        Files.writeString(directory.resolve("node.pem"), certificate);
        Files.writeString(
            directory.resolve("node.key"), pem("PRIVATE KEY", mine.getPrivate().getEncoded()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return directory;
    }
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String sign(
      X500Principal subject,
      KeyPair subjectKeys,
      List<GeneralName> names,
      boolean ca,
      boolean serversOnly,
      Instant from,
      Duration valid) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              BigInteger.valueOf(System.nanoTime()),
              Date.from(from),
              Date.from(from.plus(valid)),
              subject,
              subjectKeys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
      if (serversOnly) {
        builder.addExtension(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      }
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(names.toArray(GeneralName[]::new)));
      }
      return pem(
          "CERTIFICATE",
          builder
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
              .getEncoded());
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String type, byte[] der) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, der));
    }
    return text.toString();
  }
}
