package dev.limpet.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What one set of files says: whom this node trusts, who it is, and the key that proves it. Immutable; whole and
 * consistent, or never made.
 */
final class Credentials {
  static final String CA_FILE = "ca.pem";
  static final String CERTIFICATE_FILE = "node.pem";
  static final String KEY_FILE = "node.key";
  private static final int FILE_BYTES_MAX = 1 << 20;
  private static final Pattern KEY_PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([^-]*)-----END \\1-----");

  private final List<X509Certificate> authorities;
  private final X509Certificate[] chain;
  private final PrivateKey key;
  private final PeerName name;
  private final X509ExtendedTrustManager trust;

  private Credentials(List<X509Certificate> authorities, X509Certificate[] chain, PrivateKey key)
      throws GeneralSecurityException, IOException {
    this.authorities = authorities;
    this.chain = chain;
    this.key = key;
    this.name = nameIn(chain[0]);
    this.trust = trusting(authorities);
  }

  /** The files as they were at one moment, not looked into. */
  record Texts(byte[] authorities, byte[] certificate, byte[] key) {
    /**
     * @throws IOException with a message for people
     */
    static Texts read(Path directory) throws IOException {
      return new Texts(
          bytes(directory.resolve(CA_FILE)),
          bytes(directory.resolve(CERTIFICATE_FILE)),
          bytes(directory.resolve(KEY_FILE)));
    }

    private static byte[] bytes(Path file) throws IOException {
      byte[] all;
      try (InputStream in = Files.newInputStream(file)) {
        all = in.readNBytes(FILE_BYTES_MAX + 1);
      } catch (NoSuchFileException e) {
        throw new IOException("there is no file " + file, e);
      } catch (AccessDeniedException e) {
        throw new IOException("this user may not read " + file, e);
      } catch (IOException e) {
        throw new IOException(file + " cannot be read: " + e.getMessage(), e);
      }
      if (all.length > FILE_BYTES_MAX) {
        throw new IOException(file + " is larger than 1 MB: it is no PEM file of certificates");
      }
      return all;
    }

    /** The same for the same contents, different for others; tells nothing of the key. */
    String fingerprint() {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] text : List.of(authorities, certificate, key)) {
          digest.update(MessageDigest.getInstance("SHA-256").digest(text));
        }
        return HexFormat.of().formatHex(digest.digest());
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }
  }

  /**
   * Takes the files apart and checks that they belong together: the key is that of the certificate, which a CA of ours
   * has signed, is valid now, and names a node.
   *
   * @throws IOException with a message for people, which names the file
   */
  static Credentials of(Texts texts) throws IOException {
    try {
      List<X509Certificate> authorities = certificates(CA_FILE, texts.authorities());
      X509Certificate[] chain =
          certificates(CERTIFICATE_FILE, texts.certificate()).toArray(X509Certificate[]::new);
      PrivateKey key = key(texts.key(), chain[0].getPublicKey().getAlgorithm());
      Credentials all = new Credentials(authorities, chain, key);
      all.requireConsistent();
      return all;
    } catch (GeneralSecurityException e) {
      // The texts of the JDK's parsers: none repeats what it was given of a key.
      throw new IOException("the files cannot be used: " + e.getMessage(), e);
    }
  }

  private static List<X509Certificate> certificates(String file, byte[] pem) throws IOException {
    List<X509Certificate> found = new ArrayList<>();
    try {
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))) {
        found.add((X509Certificate) each);
      }
    } catch (CertificateException e) {
      throw new IOException(file + " holds no certificate in PEM: " + e.getMessage(), e);
    }
    if (found.isEmpty()) {
      throw new IOException(file + " holds no certificate");
    }
    return List.copyOf(found);
  }

  private static PrivateKey key(byte[] pem, String algorithm)
      throws IOException, GeneralSecurityException {
    Matcher block = KEY_PEM.matcher(new String(pem, StandardCharsets.US_ASCII));
    if (!block.find()) {
      throw new IOException(KEY_FILE + " holds no private key in PEM");
    }
    if (!block.group(1).equals("PRIVATE KEY")) {
      throw new IOException(
          KEY_FILE
              + " holds a key of the kind \""
              + block.group(1)
              + "\"; change it into PKCS#8 without a password: openssl pkcs8 -topk8 -nocrypt");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(block.group(2).strip());
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (IllegalArgumentException | InvalidKeySpecException e) {
      // Without the cause, whose text might quote the key.
      throw new IOException(KEY_FILE + " holds no " + algorithm + " key as the certificate has");
    }
  }

  private static PeerName nameIn(X509Certificate certificate) throws IOException {
    try {
      return PeerName.of(certificate);
    } catch (CertificateException e) {
      throw new IOException(CERTIFICATE_FILE + ": " + e.getMessage(), e);
    }
  }

  private static X509ExtendedTrustManager trusting(List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("ca" + i, authorities.get(i));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager each : factory.getTrustManagers()) {
      if (each instanceof X509ExtendedTrustManager extended) {
        return extended;
      }
    }
    throw new GeneralSecurityException("this JDK has no trust manager for X.509");
  }

  private void requireConsistent() throws IOException, GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm().toUpperCase(Locale.ROOT)) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          case "EDDSA", "ED25519", "ED448" -> "EdDSA";
          default ->
              throw new IOException(
                  KEY_FILE + " is of the kind " + key.getAlgorithm() + "; use EC, RSA or Ed25519");
        };
    byte[] sample = CERTIFICATE_FILE.getBytes(StandardCharsets.US_ASCII);
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    signing.update(sample);
    byte[] signature = signing.sign();
    Signature checking = Signature.getInstance(algorithm);
    checking.initVerify(chain[0].getPublicKey());
    checking.update(sample);
    if (!checking.verify(signature)) {
      throw new IOException(KEY_FILE + " is not the key of " + CERTIFICATE_FILE);
    }
    try {
      trust.checkServerTrusted(chain, "UNKNOWN");
      trust.checkClientTrusted(chain, "UNKNOWN");
    } catch (CertificateException e) {
      throw new IOException(CERTIFICATE_FILE + ": " + TlsTrust.why(e, chain[0]), e);
    }
  }

  PeerName name() {
    return name;
  }

  X509Certificate[] chain() {
    return chain.clone();
  }

  PrivateKey key() {
    return key;
  }

  /** Judges certificates by the CAs alone. */
  X509ExtendedTrustManager trust() {
    return trust;
  }

  /** When the certificate ends. */
  Instant notAfter() {
    return chain[0].getNotAfter().toInstant();
  }

  /** Whether others who dial a host and find this certificate there believe it. */
  boolean isFor(String host) {
    return HostNames.of(chain[0]).include(host);
  }

  /** The hosts that the certificate is for. */
  String hosts() {
    return HostNames.of(chain[0]).toString();
  }

  /** Whether one of the CAs is at the root of a chain, whatever else may be wrong with it by now. */
  boolean isRootOf(X509Certificate[] other) {
    X509Certificate last = other[other.length - 1];
    for (X509Certificate authority : authorities) {
      try {
        last.verify(authority.getPublicKey());
        return true;
      } catch (GeneralSecurityException e) {
        continue; // not this one
      }
    }
    return false;
  }
}
