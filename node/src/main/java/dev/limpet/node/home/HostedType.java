package dev.limpet.node.home;

import dev.limpet.Hosting;
import dev.limpet.ProcessFactory;
import dev.limpet.spi.Hosted;
import dev.limpet.values.Dispatcher;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.StickyType;
import dev.limpet.values.ValueType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A type that this node hosts: its interface, its factory, and what was learned of its cells. Thread-safe. */
public final class HostedType {
  private final StickyType<?> sticky;
  private final ProcessFactory<?> factory;
  private final Hosting.Options options;
  private final Dispatcher dispatcher;
  private final StickyMethod[] methods;
  private final System.Logger logger;
  private final Map<Class<?>, ValueType> cellTypes = new ConcurrentHashMap<>();

  /** Throws {@link dev.limpet.StartFailed} if the interface cannot be hosted. */
  public HostedType(Hosted<?> hosted) {
    this.sticky = StickyType.of(hosted.type());
    this.factory = hosted.factory();
    this.options = hosted.options();
    this.dispatcher = sticky.dispatcher();
    this.methods = sticky.methods().toArray(StickyMethod[]::new);
    this.logger = System.getLogger("limpet.process." + sticky.name());
  }

  public StickyType<?> sticky() {
    return sticky;
  }

  public String name() {
    return sticky.name();
  }

  public StickyMethod method(int index) {
    return methods[index];
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  ProcessFactory<?> factory() {
    return factory;
  }

  Hosting.Options options() {
    return options;
  }

  System.Logger logger() {
    return logger;
  }

  ValueType cellType(Class<?> type) {
    return cellTypes.computeIfAbsent(type, ValueType::of);
  }
}
