package dev.limpet.values;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type marked {@code @Nullable} where it is used. In bytes: 0, or 1 and the value. */
public final class NullableType extends ValueType {
  private final ValueType of;

  NullableType(ValueType of) {
    this.of = of;
  }

  /** The type of the values that are not null. */
  public ValueType of() {
    return of;
  }

  @Override
  public Class<?> javaClass() {
    return of.javaClass();
  }

  @Override
  public boolean isNullable() {
    return true;
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
    if (value == null) {
      out.u1(0);
      return;
    }
    out.u1(1);
    of.write(value, out);
  }

  @Override
  @Nullable Object read(Decoder in) {
    return Flag.read(in) ? of.read(in) : null;
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    return value == null || of.share(value, walk);
  }

  @Override
  public String toString() {
    return "@Nullable " + of;
  }
}
