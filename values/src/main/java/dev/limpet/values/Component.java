package dev.limpet.values;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A component of a record: its name, its type, and how to get it. */
public final class Component {
  private static final MethodType TO_LONG = MethodType.methodType(long.class, Object.class);
  private static final MethodType TO_OBJECT = MethodType.methodType(Object.class, Object.class);

  final int hash;
  private final String name;
  private final ValueType type;

  /** The type of what is written: that in an {@code Optional}, that which is not null. */
  private final ValueType body;

  private final boolean primitive;
  private final boolean integer;
  private final MethodHandle get;
  private final MethodHandle getLong;

  Component(String name, ValueType type, MethodHandle accessor) {
    this.name = name;
    this.hash = hash(name);
    this.type = type;
    this.body =
        switch (type) {
          case NullableType nullable -> nullable.of();
          case OptionalType optional -> optional.of();
          default -> type;
        };
    this.primitive = type.javaClass().isPrimitive();
    this.integer = primitive && body.kind() == Kind.INTEGER;
    this.get = accessor.asType(TO_OBJECT);
    this.getLong = integer ? accessor.asType(TO_LONG) : get;
  }

  public String name() {
    return name;
  }

  public ValueType type() {
    return type;
  }

  /** The component of that record. */
  public @Nullable Object get(Object from) {
    try {
      return (Object) get.invokeExact(from);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw threw(e);
    }
  }

  /** FNV-1a of the name; part of the format. */
  static int hash(String name) {
    int hash = 0x811C9DC5;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x01000193;
    }
    return hash;
  }

  void write(Object from, Encoder out) {
    if (integer) {
      long number = getLong(from);
      out.fixed4(hash);
      int begin = out.open();
      out.signed(number);
      out.close(begin, Kind.INTEGER);
      return;
    }
    Object value = get(from);
    if (type instanceof OptionalType optional) {
      value = optional.inner(value);
    }
    out.fixed4(hash);
    int begin = out.open();
    if (value == null && body != type) {
      out.close(begin, Kind.NULL);
      return;
    }
    body.write(value, out);
    out.close(begin, body.kind());
  }

  @Nullable Object read(Decoder in) {
    long header = in.header();
    Kind kind = Kind.of((int) header);
    int length = (int) (header >>> 4);
    if (kind == Kind.NULL && length == 0) {
      return switch (type) {
        case NullableType nullable -> null;
        case OptionalType optional -> Optional.empty();
        default -> throw new ValueRefused("is null; give a value, or mark it @Nullable");
      };
    }
    if (kind != body.kind()) {
      throw new ValueRefused("was written as " + kind.title + ", expected " + body);
    }
    int outer = in.open(length);
    Object value = body.read(in);
    in.close(outer);
    return type instanceof OptionalType ? Optional.ofNullable(value) : value;
  }

  boolean share(Object from, ValueType.Walk walk) {
    if (primitive) {
      return true;
    }
    return type.share(get(from), walk);
  }

  @Nullable Object missing(RecordType owner) {
    Object[] none = {};
    return switch (type) {
      case NullableType nullable -> null;
      case OptionalType optional -> Optional.empty();
      case SequenceType sequence -> sequence.of(none);
      case MapType map -> map.of(none, none);
      case ArrayType array -> array.of(none);
      case ScalarType zero when primitive -> zero(zero.scalar());
      default ->
          throw new ValueRefused(
                  "is missing; %s was written without it: make it @Nullable or Optional, or give the record a static method defaults()"
                      .formatted(owner.javaClass().getSimpleName()))
              .in("." + name);
    };
  }

  private static Object zero(Scalar scalar) {
    return switch (scalar) {
      case BOOLEAN -> false;
      case BYTE -> (byte) 0;
      case SHORT -> (short) 0;
      case INT -> 0;
      case CHAR -> '\0';
      case FLOAT -> 0f;
      case DOUBLE -> 0d;
      default -> 0L;
    };
  }

  private long getLong(Object from) {
    try {
      return (long) getLong.invokeExact(from);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw threw(e);
    }
  }

  private static ValueRefused threw(Throwable e) {
    return new ValueRefused("cannot be read: its accessor threw " + e);
  }
}
