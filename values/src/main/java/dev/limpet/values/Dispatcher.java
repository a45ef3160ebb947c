package dev.limpet.values;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Calls the methods of one interface on its processes, by number. Thread-safe. */
public final class Dispatcher {
  private final BiFunction<Object, @Nullable Object[], @Nullable Object>[] calls;

  Dispatcher(BiFunction<Object, @Nullable Object[], @Nullable Object>[] calls) {
    this.calls = calls;
  }

  /**
   * Calls a method of the process, directly.
   *
   * @param process an instance of the interface
   * @param methodIndex which of {@link StickyType#methods()}
   * @param arguments values of the method's parameter types, as many as there are
   * @return the result, boxed; null for void
   * @throws Throwable what the process throws, as it is
   */
  @SuppressWarnings(
      "RedundantThrows") // the generated code throws checked exceptions without saying so
  public @Nullable Object invoke(Object process, int methodIndex, @Nullable Object[] arguments)
      throws Throwable {
    return calls[methodIndex].apply(process, arguments);
  }
}
