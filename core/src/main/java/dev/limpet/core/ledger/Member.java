package dev.limpet.core.ledger;

/**
 * A node under a valid registration.
 *
 * @param registration the ledger index of its join
 * @param sequence its last applied renewal, 0 before the first
 */
public record Member(
    String name,
    long registration,
    String boot,
    String storage,
    String clusterAddress,
    String httpAddress,
    long sequence) {

  Member renewed(long newSequence) {
    return new Member(name, registration, boot, storage, clusterAddress, httpAddress, newSequence);
  }
}
