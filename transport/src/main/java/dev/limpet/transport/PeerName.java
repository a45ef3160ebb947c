package dev.limpet.transport;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/**
 * Whom a certificate is for: one node of one cluster. It stands there as a URI among the subject's alternative names,
 * {@code limpet://CLUSTER/NODE}, exactly one.
 */
public record PeerName(String cluster, String node) {
  private static final String SCHEME = "limpet";
  private static final int URI_NAME = 6; // of a subject's alternative names, RFC 5280

  /** As it is written in the certificate. */
  public String uri() {
    return SCHEME + "://" + cluster + "/" + node;
  }

  /**
   * Reads it from a certificate.
   *
   * @throws CertificateException if it names no node, or several
   */
  static PeerName of(X509Certificate certificate) throws CertificateException {
    PeerName found = null;
    for (List<?> name : names(certificate)) {
      if (name.get(0).equals(URI_NAME) && name.get(1).toString().startsWith(SCHEME + ":")) {
        if (found != null) {
          throw new CertificateException("it names more than one node");
        }
        found = parse(name.get(1).toString());
      }
    }
    if (found == null) {
      throw new CertificateException("it names no node of a cluster (limpet://CLUSTER/NODE)");
    }
    return found;
  }

  private static Collection<List<?>> names(X509Certificate certificate)
      throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    return names == null ? List.of() : names;
  }

  private static PeerName parse(String text) throws CertificateException {
    try {
      URI uri = new URI(text);
      String cluster = uri.getRawAuthority();
      String path = uri.getRawPath();
      if (cluster != null && path != null && path.length() > 1 && path.indexOf('/', 1) < 0) {
        return new PeerName(cluster, path.substring(1));
      }
    } catch (URISyntaxException e) {
      throw new CertificateException("its URI is malformed", e);
    }
    throw new CertificateException("its URI is not of the form limpet://CLUSTER/NODE");
  }
}
