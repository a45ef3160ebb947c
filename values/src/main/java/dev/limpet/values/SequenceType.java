package dev.limpet.values;

import java.util.ArrayList;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code List}, {@code Set} or {@code Collection}. Decoded, it is unmodifiable and in the order in which it was
 * encoded. In bytes: the count, the kind of the elements, the elements.
 */
public final class SequenceType extends ValueType {
  private final Class<?> type;
  private final ValueType element;

  SequenceType(Class<?> type, ValueType element) {
    this.type = type;
    this.element = element;
  }

  public ValueType element() {
    return element;
  }

  public boolean isSet() {
    return type == Set.class;
  }

  /**
   * The collection of these elements; the array becomes part of it.
   *
   * @throws ValueRefused if an element is twice in a set
   */
  public Collection<@Nullable Object> of(@Nullable Object[] elements) {
    if (!isSet()) {
      return Frozen.list(elements);
    }
    LinkedHashSet<@Nullable Object> set = LinkedHashSet.newLinkedHashSet(elements.length);
    for (int i = 0; i < elements.length; i++) {
      if (!set.add(elements[i])) {
        throw new ValueRefused("is an element that the set already has").in("[" + i + "]");
      }
    }
    return Frozen.set(set);
  }

  @Override
  public Class<?> javaClass() {
    return type;
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
    return Kind.SEQUENCE;
  }

  @Override
  void write(@Nullable Object value, Encoder out) {
    Collection<?> elements = collection(value);
    int count = elements.size();
    out.enter();
    out.elements(count);
    out.unsigned(count);
    if (count > 0) {
      Part.writeTag(element, out);
    }
    List<byte[]> sorted = out.canonical && isSet() ? new ArrayList<>() : List.of();
    int i = 0;
    try {
      for (Object each : elements) {
        if (out.canonical && isSet()) {
          Encoder part = out.part();
          element.write(each, part);
          sorted.add(part.toBytes());
        } else {
          element.write(each, out);
        }
        i++;
      }
    } catch (ValueRefused e) {
      throw e.in("[" + i + "]");
    } catch (ConcurrentModificationException e) {
      throw Part.changed();
    }
    if (i != count) {
      throw Part.changed();
    }
    Part.writeSorted(sorted, out);
    out.leave();
  }

  @Override
  Object read(Decoder in) {
    in.enter();
    int count = in.count();
    if (count > 0) {
      Part.readTag(element, "elements", in);
    }
    @Nullable Object[] elements = new @Nullable Object[count];
    int i = 0;
    try {
      for (; i < count; i++) {
        elements[i] = element.read(in);
      }
    } catch (ValueRefused e) {
      throw e.in("[" + i + "]");
    }
    in.leave();
    return of(elements);
  }

  @Override
  boolean share(@Nullable Object value, Walk walk) {
    Collection<?> elements = collection(value);
    walk.enter();
    walk.elements(elements.size());
    boolean immutable = Frozen.is(elements);
    int i = 0;
    try {
      for (Object each : elements) {
        immutable &= element.share(each, walk);
        i++;
      }
    } catch (ValueRefused e) {
      throw e.in("[" + i + "]");
    } catch (ConcurrentModificationException e) {
      throw Part.changed();
    }
    walk.leave();
    return immutable;
  }

  private Collection<?> collection(@Nullable Object value) {
    if (!type.isInstance(value) || !(value instanceof Collection<?> elements)) {
      throw mismatch(value);
    }
    return elements;
  }

  @Override
  public String toString() {
    return type.getName() + "<" + element + ">";
  }
}
