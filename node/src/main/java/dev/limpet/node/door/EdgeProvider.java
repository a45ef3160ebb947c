package dev.limpet.node.door;

import io.micrometer.core.instrument.MeterRegistry;

/** Opens an HTTP edge on a node; the {@code limpet-edge} jar provides it through {@link java.util.ServiceLoader}. */
public interface EdgeProvider {
  /** The registry that the edge will publish at {@code /metrics}; the node adds its own meters to it. */
  MeterRegistry registry();

  /**
   * Binds. Until {@link Edge#serving} only the node's state is told: calls are refused, and did not run.
   *
   * @param address {@code host:port}, port 0 for any free one
   * @param insecure allows addresses other than loopback, although nobody is authenticated
   * @throws dev.limpet.StartFailed with {@code PORT_IN_USE} or {@code INVALID_SETTING}
   */
  Edge open(String address, boolean insecure, Door door, MeterRegistry registry);

  /** An open edge. */
  interface Edge extends AutoCloseable {
    /** The address that it is bound to. */
    String address();

    /** The node has started: calls are taken from now on. */
    void serving();

    /**
     * The node is about to leave: requests are served as ever, but each answer asks the client to close its connection,
     * and the node says that it is not ready, so that callers and balancers turn elsewhere before it is closed.
     */
    void leaving();

    /** Stops accepting, lets requests in progress finish for a short while, and closes. */
    @Override
    void close();
  }
}
