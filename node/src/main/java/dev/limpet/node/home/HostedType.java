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
import java.util.regex.Pattern;

/** A type that this node hosts: its interface, its factory, and what was learned of its cells. Thread-safe. */
public final class HostedType {
  private static final Pattern CELL_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** Names are written in the application, and so are few; but nothing keeps one from being made up at run time. */
  private static final int CELLS_KNOWN_MAX = 1_000;

  private final StickyType<?> sticky;
  private final ProcessFactory<?> factory;
  private final Hosting.Options options;
  private final Dispatcher dispatcher;
  private final StickyMethod[] methods;
  private final System.Logger logger;
  private final Map<Class<?>, ValueType> cellTypes = new ConcurrentHashMap<>();

  /** Of the cells that were declared, by name: of the first {@link #CELLS_KNOWN_MAX} names. */
  private final Map<String, CellSlot.Spec> cells = new ConcurrentHashMap<>();

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

  /**
   * What the cells of that name and kind of value have in common.
   *
   * @throws dev.limpet.CellMisused if there can be none of that name, or with arrays in it
   * @throws dev.limpet.StartFailed if it is no type for a value
   */
  CellSlot.Spec cell(String name, Class<?> javaClass) {
    CellSlot.Spec known = cells.get(name);
    if (known != null && known.javaClass() == javaClass) {
      return known;
    }
    if (!CELL_NAME.matcher(name).matches()) {
      throw Cells.misused("a cell's name is 1 to 64 of A-Z a-z 0-9 - _; got " + name);
    }
    ValueType type = cellTypes.computeIfAbsent(javaClass, ValueType::of);
    if (type.hasArrays()) {
      throw Cells.misused(
          "cell " + name + " of " + javaClass.getName() + " has arrays in it; use lists");
    }
    CellSlot.Spec made = new CellSlot.Spec(name, javaClass, type);
    if (cells.size() < CELLS_KNOWN_MAX) {
      cells.put(name, made);
    }
    return made;
  }
}
