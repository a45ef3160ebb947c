package dev.limpet;

/**
 * A node's door to every process of the cluster. Thread-safe; one per application, closed at its end.
 *
 * <pre>{@code
 * try (var limpet = Limpet.builder().host(Wallet.class, WalletProcess::new).start()) {
 *   long cents = limpet.get(Wallet.class, "alice").deposit(500);
 * }
 * }</pre>
 */
public interface Limpet extends AutoCloseable {
  /** The process behind a key, wherever it lives. Calls block, so make them on virtual threads. */
  default <P> P get(Class<P> type, String key) {
    return ref(type, key).get();
  }

  /** A reference on which deadline and idempotency key can be set. */
  <P> Ref<P> ref(Class<P> type, String key);

  /** This node's name. */
  String nodeId();

  /** Leaves the cluster, after finishing the turns that have begun; bounded by some seconds. */
  @Override
  void close();

  /** A node of a cluster. */
  static LimpetBuilder builder() {
    return new LimpetBuilder();
  }

  /** One node in memory, without ports and disk: for unit tests and the first try. */
  static LocalBuilder local() {
    return new LocalBuilder();
  }
}
