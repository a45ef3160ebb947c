package dev.limpet.spi;

/**
 * What else than silence, and than {@linkplain RefusedPorts a refused port}, is taken for evidence that a node's process is
 * dead, so that others take over at once instead of after a lease.
 */
public enum Evidence {
  /**
   * A node that starts has the lock of the data directory that the registered one of its name held. Counts only on file
   * systems that are known to be local, and only if both nodes are set so.
   */
  LOCK,
  /** The parent process that started a node says that it has waited for its end. Counts where the report is taken. */
  CHILD
}
