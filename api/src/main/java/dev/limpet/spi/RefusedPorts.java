package dev.limpet.spi;

import java.net.InetAddress;

/**
 * When a refused connection to a node's cluster port is taken for evidence that its process is dead, so that others take
 * over at once instead of after a lease. A majority of all nodes must be refused. The same on every node.
 */
public enum RefusedPorts {
  /** On loopback only, where nothing stands between two processes. The default. */
  LOOPBACK,
  /**
   * Everywhere. For networks without proxies, without firewalls that answer with resets for others, and where an address
   * is never given to another machine while its node may still run.
   */
  ALWAYS,
  /** Never: only silence counts. */
  NEVER;

  /** Whether a refusal at that address counts. */
  public boolean believes(InetAddress address) {
    return switch (this) {
      case LOOPBACK -> address.isLoopbackAddress();
      case ALWAYS -> true;
      case NEVER -> false;
    };
  }
}
