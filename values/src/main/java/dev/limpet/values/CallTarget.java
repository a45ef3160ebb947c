package dev.limpet.values;

import org.jspecify.annotations.Nullable;

/**
 * What stands behind a stub. The stub's {@code toString}, {@code equals} and {@code hashCode} are its target's, so name
 * the process there. Called by any thread.
 */
@FunctionalInterface
public interface CallTarget {
  /**
   * Makes the call.
   *
   * @param methodIndex which of {@link StickyType#methods()}
   * @param arguments as the caller gave them, not yet checked or copied; never changed after this
   * @return a value of the method's result type, null for void
   * @throws Throwable a declared exception of the method, or an unchecked one; passed to the caller as it is
   */
  @Nullable Object call(int methodIndex, @Nullable Object[] arguments) throws Throwable;
}
