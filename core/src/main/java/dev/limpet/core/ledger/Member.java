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
    long sequence,
    Incarnation incarnation) {

  /** Of a process that nobody can recognise. */
  public Member(
      String name,
      long registration,
      String boot,
      String storage,
      String clusterAddress,
      String httpAddress,
      long sequence) {
    this(
        name,
        registration,
        boot,
        storage,
        clusterAddress,
        httpAddress,
        sequence,
        Incarnation.UNKNOWN);
  }

  Member renewed(long newSequence) {
    return new Member(
        name, registration, boot, storage, clusterAddress, httpAddress, newSequence, incarnation);
  }

  /**
   * Whether a join proves that this member's process has ended: it comes from who holds the lock that this process held
   * to its end, on the same storage and at the same address (which tells clones of a whole machine apart).
   */
  boolean hasGivenWayTo(Command.Join join) {
    return join.predecessor() == registration
        && !incarnation.lock().isEmpty()
        && incarnation.lock().equals(join.incarnation().lock())
        && storage.equals(join.storage())
        && clusterAddress.equals(join.clusterAddress())
        && !boot.equals(join.boot());
  }
}
