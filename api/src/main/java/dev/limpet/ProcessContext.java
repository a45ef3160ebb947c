package dev.limpet;

import java.time.Clock;

/**
 * What a process knows of itself. Given to its constructor; safe to keep in a field.
 *
 * <p>Cells are declared while the constructor runs and are already loaded when they are returned.
 */
public interface ProcessContext {
  ProcessId id();

  /** The key, the same as {@code id().key()}. */
  default String key() {
    return id().key();
  }

  /** The name of the node that is this process's home. */
  String home();

  /**
   * The epoch under which this copy owns the process: a fencing token. It is higher for every later owner, so give it to
   * outside systems that can compare it and refuse a lower one.
   */
  long epoch();

  /** The time, for use inside turns; virtual under {@link Limpet#local()} with a {@link VirtualClock}. */
  Clock clock();

  /** A logger named after the type. */
  System.Logger logger();

  /** The way to other processes; a call made in a turn carries the turn's deadline and chain of calls. */
  Limpet limpet();

  /**
   * Declares a saved cell. Only while the constructor runs.
   *
   * @param name 1 to 64 of {@code a-z A-Z 0-9 - _}; the same name and type for ever
   * @param initial the value until the first {@code set}
   */
  <T> Durable<T> durable(String name, Class<T> type, T initial);

  /** Declares a cell in memory. Only while the constructor runs; names are shared with {@link #durable}. */
  <T> Memory<T> memory(String name, Class<T> type, T initial);

  /**
   * Waits until everything that earlier turns of this process changed is saved. For own input and output that must not
   * run ahead of the state; replies and calls to other processes wait by themselves.
   */
  void awaitSaved();
}
