package dev.limpet.node.home;

/** The process is not, or no longer, to be found here: the call did not run and is to be routed anew. */
public final class Bounced extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Without a stack: it is an answer, and cheap. */
  Bounced() {
    super("routed anew", null, false, false);
  }
}
