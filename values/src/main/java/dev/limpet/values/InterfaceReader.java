package dev.limpet.values;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Idempotent;
import dev.limpet.LimpetException;
import dev.limpet.ProcessId;
import dev.limpet.Reads;
import dev.limpet.StartFailed;
import dev.limpet.Sticky;
import dev.limpet.values.Generated.Declared;
import dev.limpet.values.TypeReader.Bindings;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/*
 * Reads an interface and all that it extends. A method may be declared several times on the way (overridden, perhaps
 * with other erased types where an interface fixes a type variable): these are one method if their parameters are the
 * same types once the variables are resolved, and an overload otherwise. The most derived declaration says what the
 * method is; the stub implements every erased form.
 */
/** Turns an interface into a {@link StickyType}, or says why not. */
final class InterfaceReader {
  private static final Set<String> OF_OBJECT =
      Arrays.stream(Object.class.getDeclaredMethods())
          .map(Method::getName)
          .collect(Collectors.toUnmodifiableSet());
  private static final Set<Class<?>> TOO_BROAD =
      Set.of(Throwable.class, Exception.class, RuntimeException.class, Error.class);

  private record Extended(Class<?> type, Bindings bindings) {}

  private record Found(Method method, Bindings bindings) {}

  private final TypeReader types = new TypeReader();
  private final Class<?> type;

  private InterfaceReader(Class<?> type) {
    this.type = type;
  }

  static StickyType<?> read(Class<?> type) {
    try {
      return new InterfaceReader(type).read();
    } catch (NotAValue e) {
      throw new StartFailed(ErrorCode.INVALID_INTERFACE, type.getName() + ": " + e.reason());
    } catch (TypeNotPresentException | LinkageError e) {
      StartFailed failed =
          new StartFailed(
              ErrorCode.INVALID_INTERFACE,
              type.getName() + " names a class that is not there: " + e);
      failed.initCause(e);
      throw failed;
    }
  }

  private StickyType<?> read() {
    String name = checkInterface();
    Map<String, List<Found>> byName = new TreeMap<>();
    for (Extended extended : hierarchy()) {
      collect(extended, byName);
    }
    List<StickyMethod> methods = new ArrayList<>();
    List<Declared> called = new ArrayList<>();
    Map<String, Declared> implemented = new LinkedHashMap<>();
    for (Map.Entry<String, List<Found>> each : byName.entrySet()) {
      int index = methods.size();
      try {
        Found first = each.getValue().getFirst();
        methods.add(method(name, index, first, each.getValue()));
        called.add(declared(index, first.method()));
        for (Found form : each.getValue()) {
          Declared declared = declared(index, form.method());
          implemented.putIfAbsent(
              declared.type().toMethodDescriptorString() + declared.name(), declared);
        }
      } catch (NotAValue e) {
        throw e.in("method " + each.getKey());
      }
    }
    Lookup lookup = lookup();
    checkAccess(lookup, implemented.values());
    return typeOf(type, name, methods, lookup, called, List.copyOf(implemented.values()));
  }

  private Lookup lookup() {
    try {
      return Access.full(type);
    } catch (ReflectiveOperationException e) {
      throw new NotAValue("no class can be defined beside it: " + e.getMessage());
    }
  }

  private static <P> StickyType<P> typeOf(
      Class<P> type,
      String name,
      List<StickyMethod> methods,
      Lookup lookup,
      List<Declared> called,
      List<Declared> implemented) {
    return new StickyType<>(
        type,
        name,
        methods,
        GeneratedStub.stubs(type, lookup, implemented, methods),
        Generated.calls(type, lookup, called));
  }

  private String checkInterface() {
    if (!type.isInterface() || type.isAnnotation()) {
      throw new NotAValue("a process is called through an interface, this is none");
    }
    Sticky sticky = type.getDeclaredAnnotation(Sticky.class);
    if (sticky == null) {
      throw new NotAValue("add @Sticky(\"name\") to the interface");
    }
    try {
      ProcessId.checkType(sticky.value());
    } catch (CallRefused e) {
      throw new NotAValue("@Sticky: " + e.getMessage());
    }
    if (type.isSealed() || type.isHidden()) {
      throw new NotAValue("the interface is sealed or hidden, so nothing else can implement it");
    }
    if (type.getTypeParameters().length > 0) {
      throw new NotAValue(
          "the type variable %s stands for no type; extend the interface with the type given"
              .formatted(type.getTypeParameters()[0]));
    }
    return sticky.value();
  }

  /** The interface first, then what it extends, each once. */
  private List<Extended> hierarchy() {
    Map<Class<?>, Extended> all = new LinkedHashMap<>();
    Deque<Extended> open = new ArrayDeque<>(List.of(new Extended(type, Bindings.NONE)));
    while (!open.isEmpty()) {
      Extended next = open.remove();
      if (all.putIfAbsent(next.type(), next) != null) {
        continue;
      }
      checkFields(next.type());
      for (AnnotatedType parent : next.type().getAnnotatedInterfaces()) {
        open.add(extended(parent, next.bindings()));
      }
    }
    return List.copyOf(all.values());
  }

  private Extended extended(AnnotatedType parent, Bindings bindings) {
    if (parent instanceof AnnotatedParameterizedType generic) {
      Class<?> raw = TypeReader.rawClass(generic);
      Map<TypeVariable<?>, Supplier<ValueType>> bound = new HashMap<>();
      AnnotatedType[] arguments = generic.getAnnotatedActualTypeArguments();
      for (int i = 0; i < arguments.length; i++) {
        AnnotatedType argument = arguments[i];
        bound.put(raw.getTypeParameters()[i], () -> types.read(argument, bindings));
      }
      return new Extended(raw, new Bindings(bound));
    }
    Class<?> raw = (Class<?>) parent.getType();
    if (raw.getTypeParameters().length > 0) {
      throw new NotAValue(
          "it extends %s without its type arguments; give them".formatted(raw.getName()));
    }
    return new Extended(raw, Bindings.NONE);
  }

  private void checkFields(Class<?> declaring) {
    for (Field field : declaring.getDeclaredFields()) {
      if (!field.isSynthetic() && !isConstant(field.getType())) {
        throw new NotAValue(
            "the field %s.%s is state that all processes of a node would share; move it out of the interface"
                .formatted(declaring.getSimpleName(), field.getName()));
      }
    }
  }

  private boolean isConstant(Class<?> fieldType) {
    try {
      return types.plain(fieldType).immutable();
    } catch (NotAValue e) {
      return false;
    }
  }

  private void collect(Extended extended, Map<String, List<Found>> byName) {
    for (Method method : extended.type().getDeclaredMethods()) {
      int modifiers = method.getModifiers();
      if (Modifier.isStatic(modifiers) || Modifier.isPrivate(modifiers) || method.isBridge()) {
        continue;
      }
      if (OF_OBJECT.contains(method.getName())) {
        checkOfObject(method);
        continue;
      }
      List<Found> found = byName.computeIfAbsent(method.getName(), name -> new ArrayList<>());
      Found next = new Found(method, extended.bindings());
      boolean moreDerived =
          !found.isEmpty()
              && found.getFirst().method().getDeclaringClass().isAssignableFrom(extended.type());
      found.add(moreDerived ? 0 : found.size(), next);
    }
  }

  private static void checkOfObject(Method method) {
    try {
      var unused = Object.class.getMethod(method.getName(), method.getParameterTypes());
    } catch (NoSuchMethodException e) {
      throw new NotAValue(
          "method %s: it has the name of a method of Object; rename it"
              .formatted(method.getName()));
    }
  }

  private StickyMethod method(String typeName, int index, Found first, List<Found> all) {
    Method method = first.method();
    if (method.getTypeParameters().length > 0) {
      throw new NotAValue(
          "the type variable %s stands for no type; name the type"
              .formatted(method.getTypeParameters()[0]));
    }
    checkOverloads(first, all);
    List<StickyParameter> parameters = new ArrayList<>();
    boolean named = true;
    for (Parameter parameter : method.getParameters()) {
      try {
        ValueType read = types.read(parameter.getAnnotatedType(), first.bindings());
        parameters.add(new StickyParameter(parameter.getName(), read));
      } catch (NotAValue e) {
        throw e.in("parameter " + parameter.getName());
      }
      named &= parameter.isNamePresent();
    }
    ValueType result;
    try {
      result = types.result(method.getAnnotatedReturnType(), first.bindings());
    } catch (NotAValue e) {
      throw e.in("result");
    }
    return new StickyMethod(
        typeName,
        index,
        method.getName(),
        parameters,
        named,
        result,
        exceptions(method),
        method.isAnnotationPresent(Reads.class),
        method.isAnnotationPresent(Idempotent.class));
  }

  private void checkOverloads(Found first, List<Found> all) {
    if (all.size() == 1) {
      return;
    }
    Set<List<String>> shapes = new LinkedHashSet<>();
    for (Found each : all) {
      List<String> shape = new ArrayList<>();
      for (Parameter parameter : each.method().getParameters()) {
        shape.add(shape(parameter, each.bindings()));
      }
      shapes.add(shape);
    }
    if (shapes.size() > 1) {
      throw new NotAValue(
          "it is overloaded, with parameters %s; names are the methods' names on the wire, so rename one"
              .formatted(
                  shapes.stream()
                      .map(each -> "(" + String.join(", ", each) + ")")
                      .collect(Collectors.joining(" and "))));
    }
    for (Found each : all) {
      if (!each.method().getReturnType().isAssignableFrom(first.method().getReturnType())) {
        throw new NotAValue(
            "it is inherited twice, with different results; declare it in this interface");
      }
    }
  }

  private String shape(Parameter parameter, Bindings bindings) {
    ValueType read = types.read(parameter.getAnnotatedType(), bindings);
    return read instanceof NullableType nullable ? nullable.of().toString() : read.toString();
  }

  private static DeclaredExceptions exceptions(Method method) {
    for (Type thrown : method.getGenericExceptionTypes()) {
      if (thrown instanceof TypeVariable<?> variable) {
        throw new NotAValue(
            "it throws the type variable %s; name the exception".formatted(variable));
      }
    }
    List<Class<?>> declared = new ArrayList<>();
    for (Class<?> thrown : method.getExceptionTypes()) {
      if (TOO_BROAD.contains(thrown)) {
        throw new NotAValue(
            "it throws %s, which every bug is, too; name the exceptions that are answers"
                .formatted(thrown.getName()));
      }
      if (!LimpetException.class.isAssignableFrom(thrown)
          && !Error.class.isAssignableFrom(thrown)) {
        declared.add(thrown);
      }
    }
    return new DeclaredExceptions(List.copyOf(declared));
  }

  private static Declared declared(int index, Method method) {
    return new Declared(
        index,
        method.getName(),
        MethodType.methodType(method.getReturnType(), method.getParameterTypes()));
  }

  /** The generated code casts to these types, so they must be visible from the interface. */
  private static void checkAccess(Lookup lookup, Iterable<Declared> all) {
    for (Declared each : all) {
      List<Class<?>> used = new ArrayList<>(each.type().parameterList());
      used.add(each.type().returnType());
      for (Class<?> one : used) {
        try {
          var unused = one == void.class ? Optional.empty() : Optional.of(lookup.accessClass(one));
        } catch (IllegalAccessException e) {
          throw new NotAValue(
              "method %s: %s is not accessible from the interface's package"
                  .formatted(each.name(), one.getName()));
        }
      }
    }
  }
}
