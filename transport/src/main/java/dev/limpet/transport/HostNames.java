package dev.limpet.transport;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The hosts that a certificate is for, as the JDK's TLS compares them. */
record HostNames(List<String> names, List<String> addresses) {
  private static final int DNS_NAME = 2; // of a subject's alternative names, RFC 5280
  private static final int IP_ADDRESS = 7;

  static HostNames of(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    for (List<?> each : alternatives(certificate)) {
      if (each.get(0).equals(DNS_NAME)) {
        names.add(each.get(1).toString().toLowerCase(Locale.ROOT));
      } else if (each.get(0).equals(IP_ADDRESS)) {
        addresses.add(each.get(1).toString());
      }
    }
    return new HostNames(List.copyOf(names), List.copyOf(addresses));
  }

  private static Collection<List<?>> alternatives(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null ? List.of() : all;
    } catch (CertificateParsingException e) {
      return List.of(); // names nothing that anybody could read
    }
  }

  /** Whether it is for the host that somebody dials. */
  boolean include(String host) {
    InetAddress address = literal(host);
    if (address != null) {
      return addresses.stream().map(HostNames::literal).anyMatch(address::equals);
    }
    String name = host.toLowerCase(Locale.ROOT);
    int dot = name.indexOf('.');
    return names.contains(name) || (dot > 0 && names.contains("*" + name.substring(dot)));
  }

  private static @Nullable InetAddress literal(String text) {
    boolean bracketed = text.startsWith("[") && text.endsWith("]");
    try {
      return InetAddress.ofLiteral(bracketed ? text.substring(1, text.length() - 1) : text);
    } catch (IllegalArgumentException e) {
      return null; // a name
    }
  }

  @Override
  public String toString() {
    List<String> all = new ArrayList<>(names);
    all.addAll(addresses);
    return all.isEmpty() ? "no host" : String.join(", ", all);
  }
}
