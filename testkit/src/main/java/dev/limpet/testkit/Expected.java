package dev.limpet.testkit;

import org.jspecify.annotations.Nullable;

/**
 * What a model expects of one call: the state after it, and what its caller is told.
 *
 * @param state immutable, with {@code equals} and {@code hashCode}
 * @param answer the result; null for none
 * @param thrown the declared exception in its place, if there is one
 */
public record Expected<S>(
    S state, @Nullable Object answer, @Nullable Class<? extends Exception> thrown) {

  /** The call changes the state and gives that result. */
  public static <S> Expected<S> answer(S after, @Nullable Object result) {
    return new Expected<>(after, result, null);
  }

  /** The call is refused by the process with one of its declared exceptions; normally the state stays as it was. */
  public static <S> Expected<S> refusal(S after, Class<? extends Exception> exception) {
    return new Expected<>(after, null, exception);
  }
}
