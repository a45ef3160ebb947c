package dev.limpet.transport;

/** What a node does with the requests that reach it. */
@FunctionalInterface
public interface Handler {
  /**
   * Takes one request. Runs on the connection's reading thread: it may answer at once or pass the request on to be
   * answered later by any thread, but it must not block, for all that is behind this request waits. An exception thrown
   * here becomes {@link Inbound#fail} with its text.
   */
  void onRequest(Inbound request);
}
