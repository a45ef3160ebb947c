package dev.limpet.values;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An enum. In bytes: the constant's name, so constants may be added and moved. */
public final class EnumType extends ValueType {
  private static final int NAMES_SHOWN = 20;

  private final Class<?> type;
  private final Map<String, Enum<?>> constants = new LinkedHashMap<>();

  EnumType(Class<?> type) {
    this.type = type;
    for (Object constant : type.getEnumConstants()) {
      Enum<?> each = (Enum<?>) constant;
      constants.put(each.name(), each);
    }
  }

  /** The names of the constants in their order. */
  public Set<String> names() {
    return java.util.Collections.unmodifiableSet(constants.keySet());
  }

  /**
   * The constant of that name.
   *
   * @throws ValueRefused if there is none
   */
  public Enum<?> constant(String name) {
    Enum<?> found = constants.get(name);
    if (found == null) {
      String names = String.join(", ", constants.keySet().stream().limit(NAMES_SHOWN).toList());
      throw new ValueRefused(
          "is "
              + Quote.of(name)
              + ", expected one of "
              + names
              + (constants.size() > NAMES_SHOWN ? ", …" : ""));
    }
    return found;
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
    return List.of();
  }

  @Override
  Kind kind() {
    return Kind.TEXT;
  }

  @Override
  void write(@Nullable Object value, Encoder out) {
    if (!type.isInstance(value) || !(value instanceof Enum<?> constant)) {
      throw mismatch(value);
    }
    out.text(constant.name());
  }

  @Override
  Object read(Decoder in) {
    return constant(in.text());
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    if (!type.isInstance(value)) {
      throw mismatch(value);
    }
    return true;
  }

  @Override
  public String toString() {
    return type.getTypeName();
  }
}
