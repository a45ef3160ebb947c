package dev.limpet.values;

import java.lang.reflect.Array;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An array of values or primitives. In bytes the same as a list of them, but {@code byte[]} is its length and its
 * bytes.
 */
public final class ArrayType extends ValueType {
  private final ValueType element;
  private final Class<?> elementClass;

  ArrayType(ValueType element) {
    this.element = element;
    this.elementClass = element.javaClass();
  }

  public ValueType element() {
    return element;
  }

  public boolean isBytes() {
    return elementClass == byte.class;
  }

  /** The array of these elements. */
  public Object of(@Nullable Object[] elements) {
    Object array = Array.newInstance(elementClass, elements.length);
    for (int i = 0; i < elements.length; i++) {
      Array.set(array, i, elements[i]);
    }
    return array;
  }

  @Override
  public Class<?> javaClass() {
    return elementClass.arrayType();
  }

  @Override
  boolean selfImmutable() {
    return false;
  }

  @Override
  List<ValueType> children() {
    return List.of(element);
  }

  @Override
  Kind kind() {
    return isBytes() ? Kind.BYTES : Kind.SEQUENCE;
  }

  @Override
  void write(@Nullable Object value, Encoder out) {
    Object array = array(value);
    if (array instanceof byte[] bytes) {
      out.bytes(bytes);
      return;
    }
    int count = Array.getLength(array);
    out.enter();
    out.elements(count);
    out.unsigned(count);
    if (count > 0) {
      Part.writeTag(element, out);
    }
    switch (array) {
      case long[] longs -> {
        for (long each : longs) {
          out.signed(each);
        }
      }
      case int[] ints -> {
        for (int each : ints) {
          out.signed(each);
        }
      }
      case double[] doubles -> {
        for (double each : doubles) {
          out.fixed8(Double.doubleToRawLongBits(each));
        }
      }
      default -> writeElements(array, count, out);
    }
    out.leave();
  }

  private void writeElements(Object array, int count, Encoder out) {
    int i = 0;
    try {
      for (; i < count; i++) {
        element.write(Array.get(array, i), out);
      }
    } catch (ValueRefused e) {
      throw e.in("[" + i + "]");
    }
  }

  @Override
  Object read(Decoder in) {
    if (isBytes()) {
      return in.bytes();
    }
    in.enter();
    int count = in.count();
    if (count > 0) {
      Part.readTag(element, "elements", in);
    }
    Object array = Array.newInstance(elementClass, count);
    int i = 0;
    try {
      switch (array) {
        case long[] longs -> {
          for (; i < count; i++) {
            longs[i] = in.signed();
          }
        }
        case double[] doubles -> {
          for (; i < count; i++) {
            doubles[i] = Double.longBitsToDouble(in.fixed8());
          }
        }
        default -> {
          for (; i < count; i++) {
            Array.set(array, i, element.read(in));
          }
        }
      }
    } catch (ValueRefused e) {
      throw e.in("[" + i + "]");
    }
    in.leave();
    return array;
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    Object array = array(value);
    if (elementClass.isPrimitive()) {
      if (!isBytes()) {
        walk.elements(Array.getLength(array));
      }
      return false;
    }
    walk.enter();
    int count = Array.getLength(array);
    walk.elements(count);
    int i = 0;
    try {
      for (; i < count; i++) {
        element.share(Array.get(array, i), walk);
      }
    } catch (ValueRefused e) {
      throw e.in("[" + i + "]");
    }
    walk.leave();
    return false;
  }

  private Object array(@Nullable Object value) {
    // the exact class is not asked for: a String[] is an Object[] of strings where T[] was resolved
    // to String[]
    if (value == null
        || !value.getClass().isArray()
        || !compatible(value.getClass().getComponentType())) {
      throw mismatch(value);
    }
    return value;
  }

  private boolean compatible(Class<?> actual) {
    return actual == elementClass || (!actual.isPrimitive() && !elementClass.isPrimitive());
  }

  @Override
  public String toString() {
    return element.isNullable() ? "(" + element + ")[]" : element + "[]";
  }
}
