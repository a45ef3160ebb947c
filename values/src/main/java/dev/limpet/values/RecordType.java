package dev.limpet.values;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/*
 * Records change while their values lie in the store and while nodes of two versions talk. So each component is written
 * with a hash of its name, its kind and its length: the reader takes what it knows, skips what it does not, and gives
 * what is missing a default. In bytes: the count of components, then for each 4 bytes of hash, the length times 16 plus
 * the kind, and the value. Null and an empty Optional have a kind of their own, so @Nullable may come and go.
 */
/**
 * A record. A component that is missing in the bytes takes its value from the record's own
 * {@code static R defaults()}, if it has that method; else zero or false if it is primitive, nothing if it is
 * {@code Optional} or a collection, null if it is {@code @Nullable}; else the value is refused.
 */
public final class RecordType extends ValueType {
  private static final Object MISSING = new Object();

  private final Class<?> type;
  private final String text;
  // set once, by the reader, before the type is handed out: records may contain themselves
  private Component[] components = {};
  private @Nullable MethodHandle constructor;
  private @Nullable MethodHandle defaults;

  RecordType(Class<?> type, String text) {
    this.type = type;
    this.text = text;
  }

  void complete(Component[] all, MethodHandle canonical, @Nullable MethodHandle defaultsMethod) {
    MethodType generic = MethodType.genericMethodType(all.length);
    this.components = all;
    this.constructor =
        canonical
            .asType(generic)
            .asSpreader(Object[].class, all.length)
            .asType(MethodType.genericMethodType(1));
    this.defaults =
        defaultsMethod == null ? null : defaultsMethod.asType(MethodType.genericMethodType(0));
  }

  /** The components in their order. */
  public List<Component> components() {
    return List.of(components);
  }

  /** The index of a component, or -1. */
  public int indexOf(String name) {
    for (int i = 0; i < components.length; i++) {
      if (components[i].name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The value of a component that is not given.
   *
   * @throws ValueRefused if it must be given
   */
  public @Nullable Object missing(int index) {
    Component component = components[index];
    if (defaults == null) {
      return component.missing(this);
    }
    Object value = component.get(callDefaults(defaults));
    if (value == null && !component.type().isNullable()) {
      throw new ValueRefused("is null in " + type.getSimpleName() + ".defaults()")
          .in("." + component.name());
    }
    return value;
  }

  /** Whether the record has a static method {@code defaults()}. */
  public boolean declaresDefaults() {
    return defaults != null;
  }

  /**
   * The record of these components, which must be values of their types.
   *
   * @throws ValueRefused if its constructor refuses them
   */
  public Object of(@Nullable Object[] values) {
    MethodHandle handle = constructor;
    if (handle == null) {
      throw new IllegalStateException(text + " is not complete");
    }
    try {
      return (Object) handle.invokeExact((Object) values);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new ValueRefused("is refused by " + type.getSimpleName() + ": " + e.getMessage());
    }
  }

  private Object callDefaults(MethodHandle handle) {
    Object value;
    try {
      value = (Object) handle.invokeExact();
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new ValueRefused("has no defaults: " + type.getSimpleName() + ".defaults() threw " + e);
    }
    if (value == null) {
      throw new ValueRefused("has no defaults: " + type.getSimpleName() + ".defaults() gave null");
    }
    return value;
  }

  @Override
  public Class<?> javaClass() {
    return type;
  }

  @Override
  boolean selfImmutable() {
    return true;
  }

  @Override
  List<ValueType> children() {
    List<ValueType> children = new ArrayList<>();
    for (Component component : components) {
      children.add(component.type());
    }
    return children;
  }

  @Override
  Kind kind() {
    return Kind.RECORD;
  }

  @Override
  void write(@Nullable Object value, Encoder out) {
    if (value == null || value.getClass() != type) {
      throw mismatch(value);
    }
    out.enter();
    out.unsigned(components.length);
    for (Component component : components) {
      try {
        component.write(value, out);
      } catch (ValueRefused e) {
        throw e.in("." + component.name());
      }
    }
    out.leave();
  }

  @Override
  Object read(Decoder in) {
    in.enter();
    int count = in.count();
    @Nullable Object[] values = new @Nullable Object[components.length];
    int inOrder = readAll(in, count, values);
    if (inOrder < components.length || count != components.length) {
      for (int i = 0; i < values.length; i++) {
        if (isMissing(values[i])) {
          values[i] = missing(i);
        }
      }
    }
    in.leave();
    return of(values);
  }

  /** Reads the stored components; returns how many of ours came in our order, the rest may be missing. */
  private int readAll(Decoder in, int count, @Nullable Object[] values) {
    int next = 0;
    while (next < components.length && next < count) {
      int hash = in.fixed4();
      if (components[next].hash != hash) {
        readRest(in, hash, count - next, next, values);
        return next;
      }
      values[next] = readOne(in, components[next]);
      next++;
    }
    if (next < components.length) {
      Arrays.fill(values, next, values.length, MISSING);
    }
    for (int i = next; i < count; i++) {
      in.fixed4();
      in.skip((int) (in.header() >>> 4));
    }
    return next;
  }

  private void readRest(Decoder in, int firstHash, int count, int from, @Nullable Object[] values) {
    Arrays.fill(values, from, values.length, MISSING);
    int hash = firstHash;
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        hash = in.fixed4();
      }
      int index = indexOfHash(hash);
      if (index < 0) {
        in.skip((int) (in.header() >>> 4));
        continue;
      }
      if (index < from || !isMissing(values[index])) {
        throw new ValueRefused("is there twice").in("." + components[index].name());
      }
      values[index] = readOne(in, components[index]);
    }
  }

  @SuppressWarnings("ReferenceEquality") // MISSING is a mark and equals only itself
  private static boolean isMissing(@Nullable Object value) {
    return value == MISSING;
  }

  private int indexOfHash(int hash) {
    for (int i = 0; i < components.length; i++) {
      if (components[i].hash == hash) {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable Object readOne(Decoder in, Component component) {
    try {
      return component.read(in);
    } catch (ValueRefused e) {
      throw e.in("." + component.name());
    }
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    if (value == null || value.getClass() != type) {
      throw mismatch(value);
    }
    walk.enter();
    boolean immutable = true;
    for (Component component : components) {
      try {
        immutable &= component.share(value, walk);
      } catch (ValueRefused e) {
        throw e.in("." + component.name());
      }
    }
    walk.leave();
    return immutable;
  }

  @Override
  public String toString() {
    return text;
  }
}
