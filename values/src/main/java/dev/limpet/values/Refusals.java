package dev.limpet.values;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/** Why a class is not a value, in words that say what to use instead. */
final class Refusals {
  private Refusals() {}

  /** The reason for classes that are often tried, or null. */
  static @Nullable String forClass(Class<?> type) {
    String name = type.getName();
    if (type == Object.class) {
      return "Object says nothing of the values that may come; name a record or a sealed interface";
    }
    if (Future.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type)) {
      return name + " cannot travel: a call blocks until it is answered, so name the value itself";
    }
    if (Flow.Publisher.class.isAssignableFrom(type) || isReactive(type)) {
      return name + " cannot travel: publishers are refused, name a List or the value itself";
    }
    if (BaseStream.class.isAssignableFrom(type)) {
      return name + " cannot travel: streams are refused, name a List";
    }
    if (Iterator.class.isAssignableFrom(type)
        || Spliterator.class.isAssignableFrom(type)
        || type == Iterable.class) {
      return name + " cannot travel: iterators are refused, name a List";
    }
    if (type == Optional.class) {
      return "Optional is only for results and record components; mark the type @Nullable instead";
    }
    boolean collection =
        Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type);
    if (collection && !isPlainCollection(type)) {
      return name + " is no value: name List, Set, Collection or Map";
    }
    if (type == Void.class) {
      return "Void has no values; declare the method void";
    }
    return null;
  }

  static String noValue(Class<?> type) {
    String name = type.getName();
    if (type == Number.class || type == Comparable.class || type == CharSequence.class) {
      return name + " leaves open which values there are; name the class";
    }
    if (type.isInterface()) {
      return name
          + " is an interface that anyone may implement; make it sealed, over records and enums";
    }
    return name + " is no value; use a record, an enum, a java.time type or another value";
  }

  private static boolean isPlainCollection(Class<?> type) {
    return type == Collection.class
        || type == java.util.List.class
        || type == java.util.Set.class
        || type == Map.class;
  }

  private static boolean isReactive(Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      if (each.getName().startsWith("org.reactivestreams.")) {
        return true;
      }
      for (Class<?> implemented : each.getInterfaces()) {
        if (implemented.getName().startsWith("org.reactivestreams.")) {
          return true;
        }
      }
    }
    return false;
  }
}
