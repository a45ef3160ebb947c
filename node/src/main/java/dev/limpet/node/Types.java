package dev.limpet.node;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.node.home.HostedType;
import dev.limpet.spi.Hosted;
import dev.limpet.values.StickyType;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The types that this node hosts. Immutable. */
final class Types {
  private static final System.Logger LOG = System.getLogger(Types.class.getName());

  private final TreeMap<String, HostedType> byName = new TreeMap<>();

  Types(List<Hosted<?>> hosted) {
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
    }
  }

  Map<String, HostedType> byName() {
    return byName;
  }

  List<StickyType<?>> all() {
    return byName.values().stream().<StickyType<?>>map(HostedType::sticky).toList();
  }

  /** What is compared between nodes: names and methods. */
  String signature() {
    return byName.values().stream()
        .map(t -> t.sticky().signature())
        .collect(Collectors.joining("\n"));
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
