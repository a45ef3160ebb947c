package dev.limpet.values;

import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/*
 * Decoded collections. They cannot be changed, keep the order in which they were written, may hold nulls, and are known
 * by their class to be unchangeable, so that a value once decoded is shared from then on instead of being copied again.
 * The JDK's own fit only in part: List.of refuses nulls, Set.of has no order, and Collections.unmodifiableList may be a
 * view of something that changes.
 */
final class Frozen {
  /** The JDK's and our own classes whose instances never change. */
  private static final Set<Class<?>> KNOWN =
      Set.copyOf(
          Arrays.asList(
              FrozenList.class,
              FrozenSet.class,
              FrozenMap.class,
              List.of(1).getClass(),
              List.of(1, 2, 3).getClass(),
              List.of(1, 2, 3).subList(0, 2).getClass(),
              Stream.of(1).toList().getClass(),
              Set.of(1).getClass(),
              Set.of(1, 2, 3).getClass(),
              Map.of(1, 1).getClass(),
              Map.of(1, 1, 2, 2).getClass(),
              Collections.emptyList().getClass(),
              Collections.emptySet().getClass(),
              Collections.emptyMap().getClass()));

  private Frozen() {}

  static boolean is(Object collection) {
    return KNOWN.contains(collection.getClass());
  }

  /** A list of these elements; the array is not copied. */
  static List<@Nullable Object> list(@Nullable Object[] elements) {
    return new FrozenList(elements);
  }

  /** A set of these elements, in their order; the given set is not copied. */
  static Set<@Nullable Object> set(Set<@Nullable Object> elements) {
    return new FrozenSet(elements);
  }

  /** A map of these entries, in their order; the given map is not copied. */
  static Map<@Nullable Object, @Nullable Object> map(
      Map<@Nullable Object, @Nullable Object> entries) {
    return new FrozenMap(entries);
  }

  private static final class FrozenList extends AbstractList<@Nullable Object>
      implements RandomAccess {
    private final @Nullable Object[] elements;

    FrozenList(@Nullable Object[] elements) {
      this.elements = elements;
    }

    @Override
    public @Nullable Object get(int index) {
      return elements[index];
    }

    @Override
    public int size() {
      return elements.length;
    }
  }

  private static final class FrozenSet extends AbstractSet<@Nullable Object> {
    private final Collection<@Nullable Object> elements;

    FrozenSet(Set<@Nullable Object> elements) {
      this.elements = Collections.unmodifiableSet(elements);
    }

    @Override
    public Iterator<@Nullable Object> iterator() {
      return elements.iterator();
    }

    @Override
    public int size() {
      return elements.size();
    }

    @Override
    public boolean contains(@Nullable Object element) {
      return elements.contains(element);
    }
  }

  private static final class FrozenMap extends AbstractMap<@Nullable Object, @Nullable Object> {
    private final Map<@Nullable Object, @Nullable Object> entries;

    FrozenMap(Map<@Nullable Object, @Nullable Object> entries) {
      this.entries = Collections.unmodifiableMap(entries);
    }

    @Override
    public Set<Entry<@Nullable Object, @Nullable Object>> entrySet() {
      return entries.entrySet();
    }

    @Override
    public int size() {
      return entries.size();
    }

    @Override
    public @Nullable Object get(@Nullable Object key) {
      return entries.get(key);
    }

    @Override
    public boolean containsKey(@Nullable Object key) {
      return entries.containsKey(key);
    }
  }
}
