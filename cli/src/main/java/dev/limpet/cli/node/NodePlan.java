package dev.limpet.cli.node;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.spi.Evidence;
import dev.limpet.spi.NodeSettings;
import dev.limpet.spi.RefusedPorts;
import dev.limpet.spi.Roles;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a node is to be started with, checked as far as that can be done before it starts. Made of texts by the names of
 * the options, from the command line or from a file.
 */
record NodePlan(
    String id,
    Path data,
    String cluster,
    String clusterName,
    String http,
    List<String> seeds,
    List<Path> apps,
    Optional<Path> tls,
    boolean insecure,
    RefusedPorts refusedPorts,
    Set<Evidence> evidence,
    boolean form,
    Roles roles,
    NodeSettings.Timing timing) {
  /** The names of all settings, the same on the command line (after {@code --}) and in a file. */
  static final Set<String> NAMES =
      Set.of(
          "id",
          "data",
          "cluster",
          "cluster-name",
          "http",
          "seeds",
          "store",
          "app",
          "insecure",
          "tls",
          "form",
          "lease",
          "refused-ports",
          "evidence",
          "roles",
          "type-roles",
          "heartbeat");

  /**
   * @param given texts by name; what is missing gets its default
   * @throws StartFailed with {@code INVALID_SETTING}
   */
  static NodePlan of(Map<String, String> given) {
    Set<String> unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(NAMES);
    if (!unknown.isEmpty()) {
      throw invalid(
          "there is no setting called "
              + String.join(", ", unknown)
              + "; there are: "
              + String.join(", ", new TreeSet<>(NAMES)));
    }
    String store = given.getOrDefault("store", "embedded");
    if (store.startsWith("postgres:")) {
      throw invalid(
          "the store postgres is not available yet: leave --store out, or use --store embedded");
    }
    if (!store.equals("embedded")) {
      throw invalid("--store must be embedded, got \"" + store + "\"");
    }
    String id = given.getOrDefault("id", "n1");
    String http = address("http", given.getOrDefault("http", "127.0.0.1:7101"));
    boolean insecure = flag("insecure", given);
    if (!insecure && !isLoopback(http)) {
      throw invalid(
          "--http "
              + http
              + " can be reached from other machines, and HTTP asks nobody who he is: use a"
              + " loopback address such as 127.0.0.1, or add --insecure if the network is trusted");
    }
    return new NodePlan(
        id,
        path("data", given.getOrDefault("data", ".limpet/" + id)),
        address("cluster", given.getOrDefault("cluster", "127.0.0.1:7201")),
        given.getOrDefault("cluster-name", "limpet"),
        http,
        list(given.get("seeds")).map(seed -> address("seeds", seed)).toList(),
        list(given.get("app")).map(jar -> path("app", jar)).toList(),
        Optional.ofNullable(given.get("tls")).map(directory -> path("tls", directory)),
        insecure,
        refusedPorts(given.getOrDefault("refused-ports", "loopback")),
        evidence(given.getOrDefault("evidence", "lock,child")),
        flag("form", given),
        new Roles(
            list(given.get("roles")).collect(Collectors.toSet()),
            typeRoles(list(given.get("type-roles")).toList())),
        new NodeSettings.Timing(
            millis("heartbeat", given, NodeSettings.Timing.DEFAULT.heartbeat()),
            millis("lease", given, NodeSettings.Timing.DEFAULT.lease()),
            NodeSettings.Timing.DEFAULT.shards()));
  }

  private static RefusedPorts refusedPorts(String text) {
    for (RefusedPorts each : RefusedPorts.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(text)) {
        return each;
      }
    }
    throw invalid("--refused-ports must be loopback, always or never, got \"" + text + "\"");
  }

  private static Set<Evidence> evidence(String text) {
    Set<Evidence> chosen = EnumSet.noneOf(Evidence.class);
    if (!text.equals("none")) {
      List<String> kinds = list(text).toList();
      for (Evidence each : Evidence.values()) {
        if (kinds.contains(each.name().toLowerCase(Locale.ROOT))) {
          chosen.add(each);
        }
      }
      if (chosen.isEmpty() || chosen.size() != kinds.size()) {
        throw invalid(
            "--evidence must be lock, child, both with a comma, or none, got \"" + text + "\"");
      }
    }
    return chosen;
  }

  private static Map<String, String> typeRoles(List<String> pairs) {
    Map<String, String> roles = new TreeMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals < 1 || roles.put(pair.substring(0, equals), pair.substring(equals + 1)) != null) {
        throw invalid(
            "--type-roles must be TYPE=ROLE for each type once, with commas between, got \""
                + pair
                + "\"");
      }
    }
    return roles;
  }

  private static StartFailed invalid(String message) {
    return new StartFailed(ErrorCode.INVALID_SETTING, message);
  }

  private static Stream<String> list(@Nullable String text) {
    return text == null
        ? Stream.of()
        : Stream.of(text.split(",")).map(String::strip).filter(part -> !part.isEmpty());
  }

  private static String address(String name, String text) {
    int colon = text.lastIndexOf(':');
    int port = colon < 1 ? 0 : number(text.substring(colon + 1));
    if (port < 1 || port > 65_535) {
      throw invalid(
          "--" + name + " must be HOST:PORT with a port from 1 to 65535, got \"" + text + "\"");
    }
    return text;
  }

  private static int number(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
  }

  private static Path path(String name, String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw invalid("--" + name + " is no path: \"" + text + "\"");
    }
  }

  private static boolean flag(String name, Map<String, String> given) {
    String text = given.getOrDefault(name, "false");
    if (!text.equals("true") && !text.equals("false")) {
      throw invalid(name + " must be true or false, got \"" + text + "\"");
    }
    return text.equals("true");
  }

  private static Duration millis(String name, Map<String, String> given, Duration byDefault) {
    String text = given.get(name);
    if (text == null) {
      return byDefault;
    }
    int millis = number(text);
    if (millis < 1) {
      throw invalid("--" + name + " must be a number of milliseconds, got \"" + text + "\"");
    }
    return Duration.ofMillis(millis);
  }

  private static boolean isLoopback(String address) {
    String host = address.substring(0, address.lastIndexOf(':'));
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw invalid(
          "the host of --http " + address + " is unknown here; use an address of this machine");
    }
  }
}
