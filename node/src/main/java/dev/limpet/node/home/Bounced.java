package dev.limpet.node.home;

/** The process is not, or no longer, to be found here: the call did not run and is to be routed anew. */
public final class Bounced extends RuntimeException {
  private static final long serialVersionUID = 1L;
  public static final Bounced INSTANCE = new Bounced();

  private Bounced() {
    super("routed anew", null, false, false);
  }
}
