package dev.limpet.values;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A type whose values travel: a tree, read once from a Java type, of everything that a value of it can hold. Only what
 * is in the tree can ever be decoded. Immutable and thread-safe.
 *
 * <p>Values are: primitives and their boxes, strings, enums, records of values, sealed interfaces of records and enums,
 * {@code List}, {@code Set}, {@code Collection} and {@code Map} of values, arrays, {@code BigInteger},
 * {@code BigDecimal}, {@code UUID}, {@code URI}, {@code Currency} and what {@code java.time} offers. {@code Optional}
 * is for results and record components.
 */
public abstract sealed class ValueType
    permits ArrayType,
        EnumType,
        MapType,
        NullableType,
        OptionalType,
        RecordType,
        ScalarType,
        SealedType,
        SequenceType,
        VoidType {

  private enum Known {
    UNKNOWN,
    IMMUTABLE,
    MUTABLE
  }

  private volatile Known deeplyImmutable = Known.UNKNOWN;

  ValueType() {}

  /**
   * The type of that class.
   *
   * @throws StartFailed if its values cannot travel; the message says why
   */
  public static ValueType of(Class<?> type) {
    try {
      return new TypeReader().plain(type);
    } catch (NotAValue e) {
      throw new StartFailed(ErrorCode.INVALID_INTERFACE, e.reason());
    }
  }

  /** The class of the values, primitive for primitives. */
  public abstract Class<?> javaClass();

  /** Whether null is a value of this type. */
  public boolean isNullable() {
    return false;
  }

  /** Whether every value of this type is deeply immutable, whatever it is; so without collections and arrays. */
  public final boolean immutable() {
    Known known = deeplyImmutable;
    if (known == Known.UNKNOWN) {
      known =
          reachable().stream().allMatch(ValueType::selfImmutable) ? Known.IMMUTABLE : Known.MUTABLE;
      deeplyImmutable = known;
    }
    return known == Known.IMMUTABLE;
  }

  /** Whether no value of this type can be deeply immutable, because it has arrays in it. */
  public final boolean hasArrays() {
    return reachable().stream().anyMatch(ArrayType.class::isInstance);
  }

  /**
   * The value for the other side of a call, or for a cell: itself if it is deeply immutable, else a copy, as if it had
   * travelled.
   *
   * @throws ValueRefused if it is not a value of this type, or breaks one of the {@link Limits}
   */
  public final @Nullable Object isolate(@Nullable Object value) {
    return isShareable(value) ? value : Values.copy(this, value);
  }

  /**
   * Whether the value is deeply immutable, so that it may be shared. Collections are if they are the JDK's unmodifiable
   * ones ({@code List.of}, {@code copyOf}, {@code Stream.toList}) or were decoded.
   *
   * @throws ValueRefused as {@link #isolate}
   */
  public final boolean isShareable(@Nullable Object value) {
    return share(value, new Walk());
  }

  /** The type as Java text; the same on every node. */
  @Override
  public abstract String toString();

  /** Whether a value is immutable apart from the values in it. */
  abstract boolean selfImmutable();

  /** The types of the values directly in a value. */
  abstract List<ValueType> children();

  /** The form in bytes. */
  abstract Kind kind();

  abstract void write(@Nullable Object value, Encoder out);

  abstract @Nullable Object read(Decoder in);

  /** Checks the value and says whether it is deeply immutable. */
  abstract boolean share(@Nullable Object value, Walk walk);

  /** Depth and elements of a value that is looked at and not encoded; the same bounds as in bytes. */
  static final class Walk {
    private int depth;
    private int elements;

    void enter() {
      if (++depth > Limits.DEPTH_MAX) {
        throw Limits.tooDeep();
      }
    }

    void leave() {
      depth--;
    }

    void elements(int count) {
      elements += count;
      if (elements > Limits.ELEMENTS_MAX || elements < 0) {
        throw Limits.tooManyElements();
      }
    }
  }

  final ValueRefused mismatch(@Nullable Object value) {
    return new ValueRefused(
        value == null
            ? "is null; give a value, or mark it @Nullable"
            : "is of " + value.getClass().getName() + ", expected " + this);
  }

  private Set<ValueType> reachable() {
    Set<ValueType> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<ValueType> open = new ArrayDeque<>(List.of(this));
    while (!open.isEmpty()) {
      ValueType next = open.remove();
      if (seen.add(next)) {
        open.addAll(next.children());
      }
    }
    return seen;
  }
}
