package dev.limpet.values;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type without parts: a primitive, its box, a string, a number, a time. */
public final class ScalarType extends ValueType {
  private final Scalar scalar;
  private final Class<?> type;

  ScalarType(Scalar scalar, Class<?> type) {
    this.scalar = scalar;
    this.type = type;
  }

  /** Which one it is; the same for a primitive and its box. */
  public Scalar scalar() {
    return scalar;
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
    return scalar.kind;
  }

  @Override
  void write(@Nullable Object value, Encoder out) {
    if (!scalar.box.isInstance(value)) {
      throw mismatch(value);
    }
    scalar.write(value, out);
  }

  @Override
  Object read(Decoder in) {
    return scalar.read(in);
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    if (!scalar.box.isInstance(value)) {
      throw mismatch(value);
    }
    return scalar.share(value);
  }

  @Override
  public String toString() {
    return type.getTypeName();
  }
}
