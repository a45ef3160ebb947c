package dev.limpet.core.ledger;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * A node under a valid registration.
 *
 * @param registration the ledger index of its join
 * @param sequence its last applied renewal, 0 before the first
 * @param roles what it holds, sorted: the same for the life of the registration
 */
public record Member(
    String name,
    long registration,
    String boot,
    String storage,
    String clusterAddress,
    String httpAddress,
    long sequence,
    Incarnation incarnation,
    Set<String> roles) {

  public Member {
    roles = Collections.unmodifiableSet(new TreeSet<>(roles));
  }

  /** Of a process that nobody can recognise, without a role. */
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
        Incarnation.UNKNOWN,
        new TreeSet<>());
  }

  Member holding(Set<String> held) {
    return new Member(
        name,
        registration,
        boot,
        storage,
        clusterAddress,
        httpAddress,
        sequence,
        incarnation,
        held);
  }

  /** Whether it may host what names that role; everyone holds the empty one. */
  public boolean holds(String role) {
    return role.isEmpty() || roles.contains(role);
  }

  Member renewed(long newSequence) {
    return new Member(
        name,
        registration,
        boot,
        storage,
        clusterAddress,
        httpAddress,
        newSequence,
        incarnation,
        roles);
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
