package dev.limpet.values;

import org.jspecify.annotations.Nullable;

/** A turn that a stub has begun on its caller's thread; used by that thread alone. */
public interface NearTurn {
  /** What {@link #end} and {@link #fail} give when the call is over. */
  long DONE = 0;

  /** The process, an instance of the interface. */
  Object process();

  /**
   * The result for the caller: itself if it is deeply immutable, else a copy. Asked before the turn ends, and only for
   * results that are objects.
   *
   * @throws dev.limpet.ProcessFailed if it is not a value of its type; the turn is then to be failed with this
   */
  @Nullable Object result(int methodIndex, @Nullable Object value);

  /**
   * Ends the turn, and returns when the result may be given to the caller.
   *
   * @return {@link #DONE}, or else the deadline by which the call is to be made again, the long way
   * @throws dev.limpet.LimpetException if what came of the call is not known
   */
  long end(int methodIndex);

  /**
   * Ends a turn whose method threw.
   *
   * @return the deadline by which the call is to be made again, the long way
   * @throws Throwable what the caller gets
   */
  long fail(int methodIndex, Throwable thrown) throws Throwable;
}
