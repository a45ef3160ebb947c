package dev.limpet;

import java.util.function.UnaryOperator;

/**
 * A named piece of a process's state. It holds an immutable value, is touched only inside a turn of its process, and
 * keeps the value from before the turn when the turn throws.
 *
 * @param <T> a value type: a record, string, boxed value, enum, {@code java.time} type, or a list, set, map or optional
 *     of those
 */
public sealed interface Cell<T> permits Durable, Memory {
  /** The value now. */
  T get();

  /** Replaces the value. */
  void set(T value);

  /** Replaces the value by what the function makes of it, and returns the new one. */
  default T update(UnaryOperator<T> change) {
    T next = change.apply(get());
    set(next);
    return next;
  }
}
