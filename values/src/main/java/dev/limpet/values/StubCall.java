package dev.limpet.values;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/*
 * The way from generated code to a target. The code of a stub is linked by the class loader, and in the module, of the
 * application's interface, which need not see this module: so it speaks only to types of java.base, and reaches the
 * methods here through handles that are constants of its class, so that the compiler sees through them.
 */
/** The steps of a call that a generated stub takes. */
enum StubCall {
  NEAR(Object.class, Object.class),
  ARGUMENT(Object.class, Object.class, int.class, int.class, Object.class),
  BEGIN(Object.class, Object.class, int.class, long.class),
  IS_OVER(boolean.class, Object.class),
  PROCESS(Object.class, Object.class),
  RESULT(Object.class, Object.class, int.class, Object.class),
  END(long.class, Object.class, int.class),
  FAIL(long.class, Object.class, int.class, Throwable.class),
  CALL(Object.class, Object.class, int.class, Object[].class, long.class);

  /** What a stub sees of the step; the handle's own type may have more, bound in front. */
  @SuppressWarnings("ImmutableEnumChecker") // a MethodType is immutable, and only not marked so
  final MethodType type;

  StubCall(Class<?> result, Class<?>... parameters) {
    this.type = MethodType.methodType(result, parameters);
  }

  /** The handles of all steps, each at its {@link #ordinal}: the class data of a stub. */
  static List<MethodHandle> handles(List<StickyMethod> methods) {
    List<MethodHandle> handles = new ArrayList<>();
    for (StubCall step : values()) {
      handles.add(
          switch (step) {
            case NEAR -> step.handle("near");
            case ARGUMENT -> step.handle("argument");
            case BEGIN -> step.handle("begin");
            case IS_OVER -> step.handle("isOver");
            case PROCESS -> step.handle("process");
            case RESULT -> step.handle("result");
            case END -> step.handle("end");
            case FAIL -> step.handle("fail");
            case CALL ->
                MethodHandles.insertArguments(
                    handle("call", step.type.insertParameterTypes(0, List.class)), 0, methods);
          });
    }
    return handles;
  }

  private MethodHandle handle(String name) {
    return handle(name, type);
  }

  private static MethodHandle handle(String name, MethodType type) {
    try {
      return MethodHandles.lookup().findStatic(StubCall.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a step of a stub is missing", e);
    }
  }

  // The steps, called through their handles.

  @SuppressWarnings("unused")
  private static @Nullable Object near(Object target) {
    return target instanceof NearTarget some ? some.near() : null;
  }

  @SuppressWarnings("unused")
  private static @Nullable Object argument(
      Object near, int method, int place, @Nullable Object value) {
    return ((NearProcess) near).argument(method, place, value);
  }

  @SuppressWarnings("unused")
  private static @Nullable Object begin(Object near, int method, long timeoutNanos) {
    return ((NearProcess) near).begin(method, timeoutNanos);
  }

  @SuppressWarnings("unused")
  private static boolean isOver(Object near) {
    return ((NearProcess) near).isOver();
  }

  @SuppressWarnings("unused")
  private static Object process(Object turn) {
    return ((NearTurn) turn).process();
  }

  @SuppressWarnings("unused")
  private static @Nullable Object result(Object turn, int method, @Nullable Object value) {
    return ((NearTurn) turn).result(method, value);
  }

  @SuppressWarnings("unused")
  private static long end(Object turn, int method) {
    return ((NearTurn) turn).end(method);
  }

  @SuppressWarnings("unused")
  private static long fail(Object turn, int method, Throwable thrown) throws Throwable {
    return ((NearTurn) turn).fail(method, thrown);
  }

  @SuppressWarnings("unused")
  private static @Nullable Object call(
      List<StickyMethod> methods,
      Object target,
      int method,
      @Nullable Object[] arguments,
      long deadlineNanos)
      throws Throwable {
    try {
      return deadlineNanos == NearTurn.DONE
          ? ((CallTarget) target).call(method, arguments)
          : ((NearTarget) target).call(method, arguments, deadlineNanos);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      if (!methods.get(method).exceptions().declares(e)) {
        throw new UndeclaredThrowableException(e);
      }
      throw e;
    }
  }
}
