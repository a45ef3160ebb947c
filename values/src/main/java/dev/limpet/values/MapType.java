package dev.limpet.values;

import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code Map}. Decoded, it is unmodifiable and in the order in which it was encoded. In bytes: the count, the kinds
 * of keys and values, then key and value in turn.
 */
public final class MapType extends ValueType {
  private final ValueType key;
  private final ValueType value;

  MapType(ValueType key, ValueType value) {
    this.key = key;
    this.value = value;
  }

  public ValueType key() {
    return key;
  }

  public ValueType value() {
    return value;
  }

  /**
   * The map of these keys to these values, which are as many.
   *
   * @throws ValueRefused if a key is there twice
   */
  public Map<@Nullable Object, @Nullable Object> of(
      @Nullable Object[] keys, @Nullable Object[] values) {
    LinkedHashMap<@Nullable Object, @Nullable Object> map =
        LinkedHashMap.newLinkedHashMap(keys.length);
    for (int i = 0; i < keys.length; i++) {
      map.put(keys[i], values[i]);
      if (map.size() != i + 1) {
        throw new ValueRefused("is a key that the map already has").in("[" + i + "]");
      }
    }
    return Frozen.map(map);
  }

  @Override
  public Class<?> javaClass() {
    return Map.class;
  }

  @Override
  boolean selfImmutable() {
    return false;
  }

  @Override
  List<ValueType> children() {
    return List.of(key, value);
  }

  @Override
  Kind kind() {
    return Kind.MAP;
  }

  @Override
  void write(@Nullable Object map, Encoder out) {
    Map<?, ?> entries = map(map);
    int count = entries.size();
    out.enter();
    out.elements(count);
    out.unsigned(count);
    if (count > 0) {
      Part.writeTag(key, out);
      Part.writeTag(value, out);
    }
    List<byte[]> sorted = out.canonical ? new ArrayList<>() : List.of();
    int i = 0;
    try {
      for (Map.Entry<?, ?> entry : entries.entrySet()) {
        Encoder to = out.canonical ? out.part() : out;
        writeKey(entry.getKey(), to);
        writeValue(entry, to);
        if (out.canonical) {
          sorted.add(to.toBytes());
        }
        i++;
      }
    } catch (ConcurrentModificationException e) {
      throw Part.changed();
    }
    if (i != count) {
      throw Part.changed();
    }
    Part.writeSorted(sorted, out);
    out.leave();
  }

  private void writeKey(@Nullable Object each, Encoder out) {
    try {
      key.write(each, out);
    } catch (ValueRefused e) {
      throw e.in(".key()");
    }
  }

  private void writeValue(Map.Entry<?, ?> entry, Encoder out) {
    try {
      value.write(entry.getValue(), out);
    } catch (ValueRefused e) {
      throw e.in(step(entry.getKey()));
    }
  }

  @Override
  Object read(Decoder in) {
    in.enter();
    int count = in.count();
    if (count > 0) {
      Part.readTag(key, "keys", in);
      Part.readTag(value, "values", in);
    }
    @Nullable Object[] keys = new @Nullable Object[count];
    @Nullable Object[] values = new @Nullable Object[count];
    int i = 0;
    try {
      for (; i < count; i++) {
        keys[i] = key.read(in);
        values[i] = value.read(in);
      }
    } catch (ValueRefused e) {
      throw e.in("[" + i + "]");
    }
    in.leave();
    return of(keys, values);
  }

  @Override
  boolean share(@Nullable Object map, Walk walk) {
    Map<?, ?> entries = map(map);
    walk.enter();
    walk.elements(entries.size());
    boolean immutable = Frozen.is(entries);
    try {
      for (Map.Entry<?, ?> entry : entries.entrySet()) {
        immutable &= shareEntry(entry, walk);
      }
    } catch (ConcurrentModificationException e) {
      throw Part.changed();
    }
    walk.leave();
    return immutable;
  }

  private boolean shareEntry(Map.Entry<?, ?> entry, Walk walk) {
    boolean immutable;
    try {
      immutable = key.share(entry.getKey(), walk);
    } catch (ValueRefused e) {
      throw e.in(".key()");
    }
    try {
      immutable &= value.share(entry.getValue(), walk);
      return immutable;
    } catch (ValueRefused e) {
      throw e.in(step(entry.getKey()));
    }
  }

  private static String step(@Nullable Object key) {
    boolean plain = key instanceof String || key instanceof Number || key instanceof Enum<?>;
    return "[" + (plain ? Quote.of(String.valueOf(key)) : "…") + "]";
  }

  private Map<?, ?> map(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> entries)) {
      throw mismatch(value);
    }
    return entries;
  }

  @Override
  public String toString() {
    return "java.util.Map<" + key + ", " + value + ">";
  }
}
