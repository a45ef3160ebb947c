package dev.limpet.node.call;

import dev.limpet.ProcessId;
import dev.limpet.values.StickyMethod;

/** Calls as other nodes send them, without a network. */
public final class Frames {
  private static final long LEFT_MICROS = 300_000;

  private final CallServer server;
  private final ProcessId id;
  private final StickyMethod method;
  private final Object[] arguments;

  /** Calls of that method of that process. */
  public Frames(CallServer server, ProcessId id, StickyMethod method, Object... arguments) {
    this.server = server;
    this.id = id;
    this.method = method;
    this.arguments = arguments.clone();
  }

  /**
   * The answer, as text, to a call whose deadline passes soon.
   *
   * @param caller the registration of the node that calls
   * @param view that it has seen
   * @param epoch under which it takes the process to be at home here
   */
  public String answer(long caller, long view, long epoch) {
    Request request =
        new Request(
            caller,
            view,
            0,
            epoch,
            LEFT_MICROS,
            id,
            method.name(),
            null,
            null,
            method.encodeArguments(arguments));
    return server.answer(request.encode(), System.nanoTime()).toString();
  }
}
