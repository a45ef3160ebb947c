package dev.limpet.values;

import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/*
 * Reads Java types into value types, each record once, so that records may contain themselves. Type variables are
 * looked up in the bindings of the place where they are used, and a generic record is a type of its own for each set of
 * arguments. What can go wrong: a generic record that contains itself with ever larger arguments has no end, so the
 * number of types is bounded.
 */
/** Reads the value types of one interface or cell. Not thread-safe. */
final class TypeReader {
  private static final int TYPES_MAX = 1_000;
  private static final int NESTING_MAX = 100;
  private static final String NULLABLE = "org.jspecify.annotations.Nullable";

  /** What type variables stand for; read when used, since not every argument need be a value. */
  record Bindings(Map<TypeVariable<?>, Supplier<ValueType>> types) {
    static final Bindings NONE = new Bindings(Map.of());
  }

  private record Named(Class<?> type, String text) {}

  private final Map<Named, ValueType> known = new HashMap<>();
  private int nesting;

  /** The type as it is used in a result or component, where {@code Optional} is allowed. */
  ValueType result(AnnotatedType use, Bindings bindings) {
    if (use.getType() == void.class) {
      return VoidType.VOID;
    }
    if (use instanceof AnnotatedParameterizedType generic && rawClass(generic) == Optional.class) {
      if (isNullable(use)) {
        throw new NotAValue("an Optional is never null; drop @Nullable");
      }
      ValueType of = read(generic.getAnnotatedActualTypeArguments()[0], bindings);
      if (of.isNullable()) {
        throw new NotAValue("the value in an Optional is never null; drop @Nullable");
      }
      return new OptionalType(of);
    }
    return read(use, bindings);
  }

  /** The type as it is used anywhere else. */
  ValueType read(AnnotatedType use, Bindings bindings) {
    if (++nesting > NESTING_MAX) {
      throw new NotAValue(
          "the type grows without end: a generic record contains itself with ever larger"
              + " arguments");
    }
    ValueType type =
        switch (use) {
          case AnnotatedArrayType array ->
              new ArrayType(read(array.getAnnotatedGenericComponentType(), bindings));
          case AnnotatedParameterizedType generic ->
              generic(rawClass(generic), generic.getAnnotatedActualTypeArguments(), bindings);
          case AnnotatedTypeVariable variable -> bound(variable, bindings);
          case AnnotatedWildcardType wildcard ->
              throw new NotAValue(
                  "the wildcard "
                      + wildcard
                      + " leaves open which values there are; name the type");
          default -> plain((Class<?>) use.getType());
        };
    nesting--;
    if (isNullable(use) && type.javaClass().isPrimitive()) {
      throw new NotAValue(type + " is never null; drop @Nullable, or name its box");
    }
    return isNullable(use) && !type.isNullable() ? new NullableType(type) : type;
  }

  ValueType plain(Class<?> type) {
    Scalar scalar = Scalar.of(type);
    if (scalar != null) {
      return new ScalarType(scalar, type);
    }
    if (type.isArray()) {
      return new ArrayType(plain(type.getComponentType()));
    }
    if (type.isEnum()) {
      return known.computeIfAbsent(new Named(type, ""), t -> new EnumType(type));
    }
    String reason = Refusals.forClass(type);
    if (reason != null) {
      throw new NotAValue(reason);
    }
    if (type.getTypeParameters().length > 0) {
      throw new NotAValue(type.getName() + " is used raw; give its type arguments");
    }
    return composed(type, List.of());
  }

  private ValueType generic(Class<?> raw, AnnotatedType[] arguments, Bindings bindings) {
    if (raw == List.class || raw == Collection.class) {
      return new SequenceType(raw, read(arguments[0], bindings));
    }
    if (raw == Set.class) {
      return new SequenceType(raw, comparable(read(arguments[0], bindings), "a set's element"));
    }
    if (raw == Map.class) {
      return new MapType(
          comparable(read(arguments[0], bindings), "a map's key"), read(arguments[1], bindings));
    }
    String reason = Refusals.forClass(raw);
    if (reason != null) {
      throw new NotAValue(reason);
    }
    List<ValueType> read = new ArrayList<>();
    for (AnnotatedType argument : arguments) {
      read.add(read(argument, bindings));
    }
    return composed(raw, read);
  }

  private static ValueType comparable(ValueType type, String what) {
    if (type instanceof ArrayType) {
      throw new NotAValue(
          what
              + " cannot be an array, since arrays are equal only to themselves; use a record or"
              + " list");
    }
    return type;
  }

  private static ValueType bound(AnnotatedTypeVariable variable, Bindings bindings) {
    TypeVariable<?> name = (TypeVariable<?>) variable.getType();
    Supplier<ValueType> type = bindings.types().get(name);
    if (type == null) {
      throw new NotAValue("the type variable " + name + " stands for no type here; name the type");
    }
    return type.get();
  }

  private ValueType composed(Class<?> type, List<ValueType> arguments) {
    String text =
        type.getTypeName()
            + (arguments.isEmpty()
                ? ""
                : arguments.stream()
                    .map(ValueType::toString)
                    .collect(Collectors.joining(", ", "<", ">")));
    Named name = new Named(type, text);
    ValueType found = known.get(name);
    if (found != null) {
      return found;
    }
    if (known.size() >= TYPES_MAX) {
      throw new NotAValue("more than " + TYPES_MAX + " types can be reached from here");
    }
    if (type.isRecord()) {
      RecordType reading = new RecordType(type, text);
      known.put(name, reading);
      readRecord(reading, bind(type, arguments));
      return reading;
    }
    if (type.isInterface() && type.isSealed()) {
      SealedType reading = new SealedType(type, text);
      known.put(name, reading);
      addAlternatives(reading, type, arguments);
      return reading;
    }
    throw new NotAValue(Refusals.noValue(type));
  }

  private static Bindings bind(Class<?> type, List<ValueType> arguments) {
    Map<TypeVariable<?>, Supplier<ValueType>> types = new HashMap<>();
    TypeVariable<?>[] parameters = type.getTypeParameters();
    for (int i = 0; i < parameters.length; i++) {
      ValueType argument = arguments.get(i);
      types.put(parameters[i], () -> argument);
    }
    return new Bindings(types);
  }

  private void readRecord(RecordType reading, Bindings bindings) {
    Class<?> type = reading.javaClass();
    Lookup lookup = Access.in(type);
    RecordComponent[] declared = type.getRecordComponents();
    Component[] components = new Component[declared.length];
    Class<?>[] erased = new Class<?>[declared.length];
    Map<Integer, String> hashes = new HashMap<>();
    try {
      for (int i = 0; i < declared.length; i++) {
        String name = declared[i].getName();
        erased[i] = declared[i].getType();
        components[i] = component(declared[i], bindings, lookup);
        String same = hashes.put(components[i].hash, name);
        if (same != null) {
          throw new NotAValue(
              "%s has the components %s and %s, whose names have the same hash; rename one"
                  .formatted(type.getName(), same, name));
        }
      }
      MethodHandle constructor =
          lookup.findConstructor(type, MethodType.methodType(void.class, erased));
      reading.complete(components, constructor, defaults(type, lookup));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw new NotAValue(type.getName() + " cannot be read as a record: " + e.getMessage());
    }
  }

  private Component component(RecordComponent declared, Bindings bindings, Lookup lookup)
      throws IllegalAccessException {
    ValueType type;
    try {
      type = result(declared.getAnnotatedType(), bindings);
    } catch (NotAValue e) {
      throw e.in(declared.getDeclaringRecord().getSimpleName() + "." + declared.getName());
    }
    return new Component(declared.getName(), type, lookup.unreflect(declared.getAccessor()));
  }

  private static @Nullable MethodHandle defaults(Class<?> type, Lookup lookup)
      throws IllegalAccessException {
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals("defaults")
          && Modifier.isStatic(method.getModifiers())
          && method.getParameterCount() == 0
          && method.getReturnType() == type) {
        return lookup.unreflect(method);
      }
    }
    return null;
  }

  private void addAlternatives(SealedType into, Class<?> type, List<ValueType> arguments) {
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      List<ValueType> own = new ArrayList<>();
      if (!unify(permitted, type, arguments, own)) {
        continue; // an alternative of the same interface with other type arguments
      }
      if (permitted.isInterface() && permitted.isSealed()) {
        addAlternatives(into, permitted, own);
      } else if (permitted.isEnum()) {
        into.add(plain(permitted));
      } else if (permitted.isRecord()) {
        into.add(composed(permitted, own));
      } else {
        throw new NotAValue(
            "%s permits %s, which is no record, enum or sealed interface"
                .formatted(type.getName(), permitted.getName()));
      }
    }
    if (into.names().isEmpty()) {
      throw new NotAValue(type.getName() + " has no alternative");
    }
  }

  /** Finds the type arguments of a permitted class that make it one of the sealed interface with those arguments. */
  private boolean unify(
      Class<?> permitted, Class<?> parent, List<ValueType> arguments, List<ValueType> own) {
    Map<TypeVariable<?>, ValueType> found = new HashMap<>();
    for (AnnotatedType declared : permitted.getAnnotatedInterfaces()) {
      if (declared instanceof AnnotatedParameterizedType generic && rawClass(generic) == parent) {
        AnnotatedType[] given = generic.getAnnotatedActualTypeArguments();
        for (int i = 0; i < given.length; i++) {
          ValueType argument = arguments.get(i);
          if (given[i] instanceof AnnotatedTypeVariable variable) {
            ValueType earlier = found.put((TypeVariable<?>) variable.getType(), argument);
            if (earlier != null && !earlier.toString().equals(argument.toString())) {
              return false;
            }
          } else if (!read(given[i], Bindings.NONE).toString().equals(argument.toString())) {
            return false;
          }
        }
      }
    }
    for (TypeVariable<?> parameter : permitted.getTypeParameters()) {
      ValueType argument = found.get(parameter);
      if (argument == null) {
        throw new NotAValue(
            "%s permits %s, whose type variable %s is not one of the interface's"
                .formatted(parent.getName(), permitted.getName(), parameter));
      }
      own.add(argument);
    }
    return true;
  }

  static Class<?> rawClass(AnnotatedParameterizedType generic) {
    return (Class<?>) ((ParameterizedType) generic.getType()).getRawType();
  }

  /** By name: the interface's class loader may have its own copy of the annotation. */
  static boolean isNullable(AnnotatedType use) {
    for (Annotation annotation : use.getAnnotations()) {
      if (annotation.annotationType().getName().equals(NULLABLE)) {
        return true;
      }
    }
    return false;
  }
}
