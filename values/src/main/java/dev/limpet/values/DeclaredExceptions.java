package dev.limpet.values;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.ProcessFailed;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/*
 * An exception that a method declares is an answer: it arrives as itself, local or remote. Only a name and a message
 * travel, and only names in this table are ever turned into a class: those that the method declares, and what a
 * declared sealed class permits. Any other subclass arrives as the declared class nearest to it. It is made anew at the
 * caller, also on a local call, so its stack is the caller's and it carries no fields and no cause.
 */
/** The exceptions that one method declares, and how they travel. Thread-safe. */
public final class DeclaredExceptions {
  private static final Lookup OWN = MethodHandles.lookup();
  private static final MethodType FROM_MESSAGE = MethodType.methodType(void.class, String.class);

  private record Known(Class<?> type, @Nullable MethodHandle constructor) {}

  private final Map<String, Known> byName = new LinkedHashMap<>();
  private final List<Class<?>> declared;

  DeclaredExceptions(List<Class<?>> declared) {
    this.declared = declared;
    declared.forEach(this::add);
  }

  private void add(Class<?> type) {
    if (byName.putIfAbsent(type.getName(), new Known(type, constructor(type))) == null
        && type.isSealed()) {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        add(permitted);
      }
    }
  }

  /** The classes as they are declared. */
  public List<Class<?>> declared() {
    return declared;
  }

  /** Whether the method declares to throw this. */
  public boolean declares(Throwable thrown) {
    for (Class<?> each : declared) {
      if (each.isInstance(thrown)) {
        return true;
      }
    }
    return false;
  }

  /** What travels of a declared exception. */
  public Thrown describe(Throwable thrown) {
    for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
      Known known = byName.get(type.getName());
      if (known != null && known.type() == type) {
        return new Thrown(type.getName(), message(thrown));
      }
    }
    throw new IllegalArgumentException("not declared: " + thrown);
  }

  /**
   * The exception for the caller, made on the caller's thread: of that class if the method declares it and it has a
   * constructor of one string, else a {@link ProcessFailed} that says both.
   */
  public Throwable rebuild(Thrown thrown) {
    Known known = byName.get(thrown.type());
    if (known != null && known.constructor() != null) {
      try {
        return (Throwable) known.constructor().invokeExact(thrown.message());
      } catch (Error e) {
        throw e;
      } catch (Throwable e) {
        return failed(thrown); // its constructor does not take that message
      }
    }
    return failed(thrown);
  }

  /** What a local caller gets for an exception of the process: the same as a remote one. */
  public Throwable arrive(Throwable thrown) {
    return rebuild(describe(thrown));
  }

  /** The classes that cannot be rebuilt, for want of a constructor. */
  List<String> notRebuilt() {
    return byName.entrySet().stream()
        .filter(each -> each.getValue().constructor() == null)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static ProcessFailed failed(Thrown thrown) {
    String type = thrown.type().length() > 200 ? "an exception" : thrown.type();
    return new ProcessFailed(
        ErrorCode.DECLARED_EXCEPTION,
        Executed.NO,
        thrown.message() == null ? type : type + ": " + thrown.message());
  }

  private static @Nullable String message(Throwable thrown) {
    try {
      return thrown.getMessage();
    } catch (RuntimeException e) {
      return null; // a getMessage of the application that fails must not hide what was thrown
    }
  }

  private static @Nullable MethodHandle constructor(Class<?> type) {
    MethodHandle found = null;
    if (!Modifier.isAbstract(type.getModifiers())) {
      found = constructor(type, true);
      if (found == null) {
        found = constructor(type, false);
      }
    }
    return found;
  }

  private static @Nullable MethodHandle constructor(Class<?> type, boolean inside) {
    DeclaredExceptions.class.getModule().addReads(type.getModule());
    try {
      Lookup lookup =
          inside ? MethodHandles.privateLookupIn(type, OWN) : MethodHandles.publicLookup();
      MethodHandle constructor = lookup.findConstructor(type, FROM_MESSAGE);
      return constructor.asType(MethodType.methodType(Throwable.class, String.class));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null; // the advice of StickyType says so
    }
  }
}
