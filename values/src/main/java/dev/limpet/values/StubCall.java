package dev.limpet.values;

import java.lang.reflect.UndeclaredThrowableException;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/*
 * The way from generated code to a target. The code of a stub is linked by the class loader, and in the module, of the
 * application's interface, which need not see this module: so it speaks only to types of java.base.
 */
final class StubCall
    implements BiFunction<Integer, @Nullable Object @Nullable [], @Nullable Object> {
  private static final @Nullable Object[] NONE = {};

  private final CallTarget target;
  private final List<StickyMethod> methods;

  StubCall(CallTarget target, List<StickyMethod> methods) {
    this.target = target;
    this.methods = methods;
  }

  @Override
  public @Nullable Object apply(Integer methodIndex, @Nullable Object @Nullable [] arguments) {
    try {
      return target.call(methodIndex, arguments == null ? NONE : arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      if (!methods.get(methodIndex).exceptions().declares(e)) {
        throw new UndeclaredThrowableException(e);
      }
      throw StubCall.<RuntimeException>asUnchecked(e);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E asUnchecked(Throwable e) throws E {
    throw (E) e;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StubCall call && target.equals(call.target);
  }

  @Override
  public int hashCode() {
    return target.hashCode();
  }

  @Override
  public String toString() {
    return target.toString();
  }
}
