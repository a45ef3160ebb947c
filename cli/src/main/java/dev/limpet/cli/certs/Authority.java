package dev.limpet.cli.certs;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The CA of one cluster: it signs a certificate for each node. */
record Authority(X509Certificate certificate, PrivateKey key) {
  private static final Duration VALID = Duration.ofDays(3_650);
  private static final String SIGNATURE = "SHA256withECDSA";

  /** Clocks of other machines may be behind. */
  private static final Duration EARLIER = Duration.ofHours(1);

  /** What a node gets. */
  record Issued(X509Certificate certificate, PrivateKey key) {}

  static Authority create(String cluster, Instant now) {
    byte[] mark = new byte[4];
    new SecureRandom().nextBytes(mark);
    X500Name name = name("Limpet CA " + HexFormat.of().formatHex(mark), cluster);
    KeyPair keys = newKeys();
    return new Authority(
        sign(
            new Wanted(name, keys.getPublic(), List.of(), now.plus(VALID)),
            now,
            name,
            keys.getPublic(),
            keys.getPrivate()),
        keys.getPrivate());
  }

  /**
   * Signs a certificate for a node and a new key.
   *
   * @param days how long it is valid; never longer than the CA is
   */
  Issued issue(Subject subject, int days, Instant now) {
    KeyPair keys = newKeys();
    List<GeneralName> names = new ArrayList<>();
    names.add(
        new GeneralName(
            GeneralName.uniformResourceIdentifier, "limpet://" + cluster() + "/" + subject.node()));
    subject.hosts().forEach(host -> names.add(Subject.name(host)));
    Instant end = now.plus(Duration.ofDays(days));
    Instant ours = certificate.getNotAfter().toInstant();
    Wanted wanted =
        new Wanted(
            name(subject.node(), cluster()),
            keys.getPublic(),
            names,
            end.isBefore(ours) ? end : ours);
    return new Issued(
        sign(wanted, now, subject(certificate), certificate.getPublicKey(), key),
        keys.getPrivate());
  }

  /** The cluster whose nodes it signs for; empty if this CA was not made here. */
  String cluster() {
    RDN[] found = subject(certificate).getRDNs(BCStyle.O);
    return found.length == 0 ? "" : IETFUtils.valueToString(found[0].getFirst().getValue());
  }

  /** Whether key and certificate belong together. */
  boolean ownsKey() {
    try {
      Signature signing = Signature.getInstance(SIGNATURE);
      signing.initSign(key);
      signing.update(certificate.getEncoded());
      byte[] signature = signing.sign();
      signing.initVerify(certificate.getPublicKey());
      signing.update(certificate.getEncoded());
      return signing.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // of another kind
    }
  }

  /** Whether it has signed a certificate. */
  boolean signed(X509Certificate other) {
    try {
      other.verify(certificate.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static X500Name subject(X509Certificate certificate) {
    return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
  }

  private static X500Name name(String common, String cluster) {
    return new X500NameBuilder(BCStyle.INSTANCE)
        .addRDN(BCStyle.CN, common)
        .addRDN(BCStyle.O, cluster)
        .build();
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  /**
   * A certificate to be signed.
   *
   * @param names none for a CA
   */
  private record Wanted(
      X500Name subject, PublicKey publicKey, List<GeneralName> names, Instant notAfter) {}

  private static X509Certificate sign(
      Wanted wanted, Instant now, X500Name issuer, PublicKey issuerKey, PrivateKey key) {
    boolean ca = wanted.names.isEmpty();
    try {
      JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              new BigInteger(127, new SecureRandom()).setBit(126),
              Date.from(now.minus(EARLIER)),
              Date.from(wanted.notAfter),
              wanted.subject,
              wanted.publicKey);
      builder
          .addExtension(
              Extension.basicConstraints,
              true,
              ca ? new BasicConstraints(0) : new BasicConstraints(false))
          .addExtension(
              Extension.keyUsage,
              true,
              new KeyUsage(
                  ca ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              ids.createSubjectKeyIdentifier(wanted.publicKey))
          .addExtension(
              Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(issuerKey));
      if (!ca) {
        builder
            .addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(
                    new KeyPurposeId[] {
                      KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                    }))
            .addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(wanted.names.toArray(GeneralName[]::new)));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    } catch (CertIOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("a certificate could not be made", e);
    }
  }
}
