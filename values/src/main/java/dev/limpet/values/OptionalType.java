package dev.limpet.values;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code Optional} of a type, as a result or record component. In bytes: 0, or 1 and the value. */
public final class OptionalType extends ValueType {
  private final ValueType of;

  OptionalType(ValueType of) {
    this.of = of;
  }

  /** The type of the value that may be there. */
  public ValueType of() {
    return of;
  }

  @Override
  public Class<?> javaClass() {
    return Optional.class;
  }

  @Override
  boolean selfImmutable() {
    return true;
  }

  @Override
  List<ValueType> children() {
    return List.of(of);
  }

  @Override
  Kind kind() {
    return of.kind();
  }

  @Override
  void write(@Nullable Object value, Encoder out) {
    Object inner = inner(value);
    if (inner == null) {
      out.u1(0);
      return;
    }
    out.u1(1);
    of.write(inner, out);
  }

  @Override
  Object read(Decoder in) {
    return Flag.read(in) ? Optional.ofNullable(of.read(in)) : Optional.empty();
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    Object inner = inner(value);
    return inner == null || of.share(inner, walk);
  }

  @Nullable Object inner(@Nullable Object value) {
    if (!(value instanceof Optional<?> optional)) {
      throw mismatch(value);
    }
    return optional.orElse(null);
  }

  @Override
  public String toString() {
    return "java.util.Optional<" + of + ">";
  }
}
