package dev.limpet.values;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of a method that gives none: null, in no bytes. */
public final class VoidType extends ValueType {
  static final VoidType VOID = new VoidType();

  private VoidType() {}

  @Override
  public Class<?> javaClass() {
    return void.class;
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
    return List.of();
  }

  @Override
  Kind kind() {
    return Kind.NULL;
  }

  @Override
  void write(@Nullable Object value, Encoder out) {}

  @Override
  @Nullable Object read(Decoder in) {
    return null;
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    return true;
  }

  @Override
  public String toString() {
    return "void";
  }
}
