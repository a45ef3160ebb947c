package dev.limpet.node;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.core.ledger.HostedTypes;
import dev.limpet.node.home.HostedType;
import dev.limpet.spi.Hosted;
import dev.limpet.spi.Roles;
import dev.limpet.values.StickyType;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The types that this node hosts. Immutable. */
final class Types {
  private static final System.Logger LOG = System.getLogger(Types.class.getName());

  private final TreeMap<String, HostedType> byName = new TreeMap<>();

  /** The role of each type that names one, by its name. */
  private final TreeMap<String, String> roles = new TreeMap<>();

  Types(List<Hosted<?>> hosted, Roles settings) {
    for (Hosted<?> each : hosted) {
      HostedType type = new HostedType(each);
      HostedType twin = byName.putIfAbsent(type.name(), type);
      if (twin != null) {
        throw new StartFailed(
            ErrorCode.INVALID_INTERFACE,
            "two interfaces have the name "
                + type.name()
                + ": "
                + twin.sticky().type().getName()
                + " and "
                + type.sticky().type().getName());
      }
      type.sticky().advice().forEach(line -> LOG.log(Level.INFO, line));
      String role = settings.ofTypes().getOrDefault(type.name(), each.options().role());
      if (!role.isEmpty()) {
        roles.put(type.name(), role);
      }
    }
    check(settings);
  }

  /** A word that nothing else uses is most likely a misspelt one. */
  private void check(Roles settings) {
    for (String type : settings.ofTypes().keySet()) {
      if (!byName.containsKey(type)) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING,
            "a role is given to the type "
                + type
                + ", which is not hosted; hosted are "
                + String.join(", ", byName.keySet()));
      }
    }
    for (String role : settings.held()) {
      if (!roles.containsValue(role)) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING,
            "this node is to hold the role "
                + role
                + ", which no hosted type names; named are "
                + (roles.isEmpty() ? "none" : String.join(", ", namedRoles())));
      }
    }
  }

  /** The roles that types name, sorted. */
  Set<String> namedRoles() {
    return new TreeSet<>(roles.values());
  }

  /** The names of the types that name a role, sorted. */
  List<String> ofRole(String role) {
    return roles.keySet().stream().filter(type -> role.equals(roles.get(type))).toList();
  }

  /** The role that a type names; null for none. */
  @Nullable String roleOf(String type) {
    return roles.get(type);
  }

  Map<String, HostedType> byName() {
    return byName;
  }

  List<StickyType<?>> all() {
    return byName.values().stream().<StickyType<?>>map(HostedType::sticky).toList();
  }

  /** What is compared between nodes: names, roles and methods. */
  String signature() {
    return byName.values().stream().map(this::signature).collect(Collectors.joining("\n"));
  }

  private String signature(HostedType type) {
    String title = HostedTypes.title(type.name(), roles.getOrDefault(type.name(), ""));
    return title + type.sticky().signature().substring(type.name().length());
  }

  HostedType named(String name) {
    HostedType type = byName.get(name);
    if (type == null) {
      throw new CallRefused(
          ErrorCode.UNKNOWN_TYPE,
          "no type of that name is hosted; hosted are " + String.join(", ", byName.keySet()));
    }
    return type;
  }

  HostedType of(Class<?> type) {
    HostedType hosted = named(StickyType.of(type).name());
    if (hosted.sticky().type() != type) {
      throw new CallRefused(
          ErrorCode.UNKNOWN_TYPE,
          type.getName()
              + " has the name of a hosted type, "
              + hosted.sticky().type().getName()
              + ", but is not that interface (or was loaded by another class loader)");
    }
    return hosted;
  }
}
