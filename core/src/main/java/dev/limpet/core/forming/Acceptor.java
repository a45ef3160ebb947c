package dev.limpet.core.forming;

import org.jspecify.annotations.Nullable;

/**
 * What one seed has promised and accepted. It is on its disk before anyone is told; a seed whose disk was lost is an
 * empty one of another storage.
 *
 * @param promised it takes part in no attempt below this one
 * @param acceptedAt the attempt in which it accepted
 * @param accepted what it accepted then
 * @param formed the cluster that it belongs to, for good
 */
public record Acceptor(
    Founder self,
    Ballot promised,
    Ballot acceptedAt,
    @Nullable Pact accepted,
    @Nullable Pact formed) {

  public static Acceptor empty(Founder self) {
    return new Acceptor(self, Ballot.NONE, Ballot.NONE, null, null);
  }

  /** Asked to take part in an attempt: it promises, unless it promised a higher one or belongs to a cluster. */
  public Acceptor prepare(Ballot ballot) {
    return formed != null || ballot.compareTo(promised) <= 0
        ? this
        : new Acceptor(self, ballot, acceptedAt, accepted, null);
  }

  /** Asked to accept: it does if it promised nothing higher, and is named with the disk that it has. */
  public Acceptor accept(Ballot ballot, Pact pact) {
    return formed != null || ballot.compareTo(promised) < 0 || !pact.names(self)
        ? this
        : new Acceptor(self, ballot, ballot, pact, null);
  }

  /** Whether it accepted in that attempt. */
  public boolean acceptedIn(Ballot ballot) {
    return accepted != null && acceptedAt.equals(ballot);
  }

  /**
   * The proposer of an attempt has seen all founders accept. It counts only if this seed has promised no higher attempt
   * since: those who did may have begun anew.
   */
  public Acceptor conclude(Ballot ballot, Pact pact) {
    return formed != null || !promised.equals(ballot) ? this : joined(pact);
  }

  /**
   * Another one that belongs to a cluster says so.
   *
   * @param asAsked what this seed had promised when it asked; a late answer does not count
   */
  public Acceptor learn(Ballot asAsked, Pact pact) {
    return formed != null || !promised.equals(asAsked) ? this : joined(pact);
  }

  private Acceptor joined(Pact pact) {
    return new Acceptor(self, promised, acceptedAt, accepted, pact);
  }
}
