package dev.limpet.cli.certs;

import dev.limpet.cli.console.Refusal;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.util.IPAddress;

/**
 * A node that gets a certificate.
 *
 * @param hosts names and addresses that the others dial; empty: those of the certificate that it has, else loopback
 */
record Subject(String node, List<String> hosts) {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
  private static final String HOST =
      "(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*";
  private static final int HOST_MAX = 253;

  /** Reads {@code NODE} or {@code NODE=HOST,HOST}. */
  static Subject parse(String text) {
    int equals = text.indexOf('=');
    String node = equals < 0 ? text : text.substring(0, equals);
    requireName("a node", node);
    List<String> hosts = new ArrayList<>();
    if (equals >= 0) {
      for (String host : text.substring(equals + 1).split(",", -1)) {
        hosts.add(requireHost(host.strip(), text));
      }
    }
    return new Subject(node, List.copyOf(hosts));
  }

  static void requireName(String what, String name) {
    if (!name.matches(NAME)) {
      throw Refusal.usage(
          "the name of "
              + what
              + " is 1 to 63 of A-Z a-z 0-9 . _ - with a letter or digit first, got \""
              + name
              + "\"");
    }
  }

  private static String requireHost(String host, String text) {
    if (IPAddress.isValid(host) || (host.length() <= HOST_MAX && host.matches(HOST))) {
      return host;
    }
    throw Refusal.usage(
        "\"" + host + "\" in " + text + " is neither a host name nor an address (without a port)");
  }

  Subject withHosts(List<String> others) {
    return new Subject(node, others);
  }

  /** A host as it stands in a certificate. */
  static GeneralName name(String host) {
    int kind = IPAddress.isValid(host) ? GeneralName.iPAddress : GeneralName.dNSName;
    return new GeneralName(kind, host);
  }
}
