package dev.limpet.transport;

import java.net.Socket;
import java.security.SignatureException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Who is believed to be a node of this cluster: one of our CAs has signed the certificate, it is valid now, it names a
 * node of this cluster, and, on connections that this node makes, it is for the host that was dialed. By the newest
 * files, at each handshake.
 */
final class TlsTrust extends X509ExtendedTrustManager {
  private static final int TEXT_MAX = 160;
  private static final String UNSIGNED = "it is signed by none of the CAs in this node's ca.pem";

  private final Supplier<Credentials> current;

  TlsTrust(Supplier<Credentials> current) {
    this.current = current;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    Credentials mine = current.get();
    try {
      mine.trust().checkClientTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      throw refused(chain, why(e, chain[0]), e);
    }
    requireOurCluster(chain, mine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    if (!Objects.equals(engine.getSSLParameters().getEndpointIdentificationAlgorithm(), "HTTPS")) {
      throw new CertificateException("the dialed host would not be compared");
    }
    Credentials mine = current.get();
    try {
      mine.trust().checkServerTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      throw refused(chain, why(e, chain[0]), e);
    }
    requireOurCluster(chain, mine);
  }

  private static void requireOurCluster(X509Certificate[] chain, Credentials mine)
      throws CertificateException {
    PeerName theirs;
    try {
      theirs = PeerName.of(chain[0]);
    } catch (CertificateException e) {
      throw refused(chain, String.valueOf(e.getMessage()), e);
    }
    if (!theirs.cluster().equals(mine.name().cluster())) {
      throw refused(
          chain,
          "it is for cluster " + theirs.cluster() + ", this is " + mine.name().cluster(),
          null);
    }
  }

  private static CertificateException refused(
      X509Certificate[] chain, String why, @Nullable Exception cause) {
    String subject = chain[0].getSubjectX500Principal().getName();
    return new CertificateException("certificate of " + plain(subject) + ": " + plain(why), cause);
  }

  /** What is wrong with a certificate, in one line for people. */
  static String why(CertificateException e, X509Certificate certificate) {
    for (Throwable each = e; each != null; each = each.getCause()) {
      switch (each) {
        case CertificateExpiredException x -> {
          return "it expired at " + certificate.getNotAfter().toInstant();
        }
        case CertificateNotYetValidException x -> {
          return "it is not valid before " + certificate.getNotBefore().toInstant();
        }
        case CertPathBuilderException x -> {
          return UNSIGNED;
        }
        case SignatureException x -> {
          return UNSIGNED + ", though one has that name";
        }
        case CertPathValidatorException x
            when x.getReason() == CertPathValidatorException.BasicReason.INVALID_SIGNATURE -> {
          return UNSIGNED + ", though one has that name";
        }
        default -> {}
      }
    }
    return String.valueOf(e.getMessage());
  }

  /** Others' words, fit for one line of a log. */
  static String plain(String text) {
    String line = text.replaceAll("[^\\x20-\\x7e]", "?");
    return line.length() <= TEXT_MAX ? line : line.substring(0, TEXT_MAX) + "...";
  }

  // Without an engine nobody could say which host was dialed.

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("not made for sockets");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("not made for sockets");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("not made without an engine");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("not made without an engine");
  }

  /** None: strangers need not know our CAs, and nodes have one certificate to show anyway. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
