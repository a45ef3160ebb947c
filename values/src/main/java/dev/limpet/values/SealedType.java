package dev.limpet.values;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sealed interface of records and enums. In bytes: the simple name of the class, then the value; so
 * alternatives may be added and moved but not renamed.
 */
public final class SealedType extends ValueType {
  private final Class<?> type;
  private final String text;
  private final Map<String, ValueType> byName = new LinkedHashMap<>();
  private final Map<Class<?>, ValueType> byClass = new HashMap<>();

  SealedType(Class<?> type, String text) {
    this.type = type;
    this.text = text;
  }

  void add(ValueType alternative) {
    Class<?> java = alternative.javaClass();
    if (byClass.putIfAbsent(java, alternative) != null) {
      return; // reached through two sealed interfaces
    }
    if (java.isRecord()
        && Arrays.stream(java.getRecordComponents())
            .anyMatch(each -> each.getName().equals("type"))) {
      throw new NotAValue(
          "%s has a component named type, which in JSON names the alternative of %s; rename it"
              .formatted(java.getName(), text));
    }
    if (byName.put(java.getSimpleName(), alternative) != null) {
      throw new NotAValue(
          "%s has two alternatives with the name %s; rename one"
              .formatted(text, java.getSimpleName()));
    }
  }

  /** The simple names of the alternatives. */
  public Set<String> names() {
    return byName.keySet();
  }

  /**
   * The alternative of that name.
   *
   * @throws ValueRefused if there is none
   */
  public ValueType alternative(String name) {
    ValueType found = byName.get(name);
    if (found == null) {
      throw new ValueRefused(
          "is of type "
              + Quote.of(name)
              + ", expected one of "
              + String.join(", ", byName.keySet()));
    }
    return found;
  }

  /** The alternative that the value is of. */
  public ValueType alternativeOf(@Nullable Object value) {
    ValueType found =
        value == null
            ? null
            : byClass.get(
                value instanceof Enum<?> constant
                    ? constant.getDeclaringClass()
                    : value.getClass());
    if (found == null) {
      throw mismatch(value);
    }
    return found;
  }

  /** The name under which an alternative travels. */
  public static String nameOf(ValueType alternative) {
    return alternative.javaClass().getSimpleName();
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
    return List.copyOf(byName.values());
  }

  @Override
  Kind kind() {
    return Kind.ALTERNATIVE;
  }

  @Override
  void write(@Nullable Object value, Encoder out) {
    ValueType alternative = alternativeOf(value);
    out.text(nameOf(alternative));
    alternative.write(value, out);
  }

  @Override
  @Nullable Object read(Decoder in) {
    return alternative(in.text()).read(in);
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    return alternativeOf(value).share(value, walk);
  }

  @Override
  public String toString() {
    return text;
  }
}
