package dev.limpet.values;

import dev.limpet.StartFailed;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A process interface as Limpet understands it: its name, its methods, how to call it and how to be called through it.
 * Immutable and thread-safe; one for each interface, for as long as that is loaded.
 */
public final class StickyType<P> {
  /** Held by the interface itself, so that it goes when its class loader goes. */
  private static final ClassValue<StickyType<?>> KNOWN =
      new ClassValue<>() {
        @Override
        protected StickyType<?> computeValue(Class<?> type) {
          return InterfaceReader.read(type);
        }
      };

  private final Class<P> type;
  private final String name;
  private final List<StickyMethod> methods;
  private final Map<String, StickyMethod> byName = new HashMap<>();
  private final MethodHandle stubs;
  private final Dispatcher dispatcher;

  StickyType(
      Class<P> type,
      String name,
      List<StickyMethod> methods,
      MethodHandle stubs,
      BiFunction<Object, @Nullable Object[], @Nullable Object>[] calls) {
    this.type = type;
    this.name = name;
    this.methods = List.copyOf(methods);
    methods.forEach(each -> byName.put(each.name(), each));
    this.stubs = stubs;
    this.dispatcher = new Dispatcher(calls);
  }

  /**
   * The type of that interface.
   *
   * @throws StartFailed if it cannot be hosted or called; the message names the method and the reason
   */
  @SuppressWarnings("unchecked")
  public static <P> StickyType<P> of(Class<P> type) {
    return (StickyType<P>) KNOWN.get(type);
  }

  /** The name in its {@link dev.limpet.Sticky} annotation. */
  public String name() {
    return name;
  }

  /** The interface. */
  public Class<P> type() {
    return type;
  }

  /** The methods, sorted by name; each at its {@link StickyMethod#index()}. */
  public List<StickyMethod> methods() {
    return methods;
  }

  /** The method of that name, or null. */
  public @Nullable StickyMethod method(String methodName) {
    return byName.get(methodName);
  }

  /** The type and its methods, a line each; the same on every node that has the same interface. */
  public String signature() {
    return methods.stream()
        .map(each -> "\n  " + each.signature())
        .collect(Collectors.joining("", name, ""));
  }

  /** What a look at the interface suggests, for the log at the start; empty if all is well. */
  public List<String> advice() {
    List<String> advice = new ArrayList<>();
    if (methods.stream().anyMatch(each -> !each.isNamed())) {
      advice.add(
          """
          %s was compiled without parameter names, so over HTTP its arguments are an array by position. For names, in Maven:
            <plugin><artifactId>maven-compiler-plugin</artifactId><configuration><parameters>true</parameters></configuration></plugin>
          in Gradle: tasks.withType(JavaCompile).configureEach { options.compilerArgs.add("-parameters") }\
          """
              .formatted(type.getName()));
    }
    for (StickyMethod method : methods) {
      for (String exception : method.exceptions().notRebuilt()) {
        advice.add(
            "%s.%s declares %s, which has no accessible constructor of one String: callers get a ProcessFailed instead"
                .formatted(name, method.name(), exception));
      }
    }
    return advice;
  }

  /** An instance of the interface whose calls go to the target. Cheap: one small object. */
  public P stub(CallTarget target) {
    try {
      long timeout = target instanceof NearTarget near ? near.timeoutNanos() : 0;
      return type.cast((Object) stubs.invokeExact((Object) target, timeout));
    } catch (Throwable e) {
      throw new IllegalStateException(
          "the stub of " + type.getName() + " has no working constructor", e);
    }
  }

  /** Calls processes of this type. */
  public Dispatcher dispatcher() {
    return dispatcher;
  }

  @Override
  public String toString() {
    return name + " (" + type.getName() + ")";
  }
}
