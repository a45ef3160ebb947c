package dev.limpet.core.lease;

import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * What members report of other members' ports: refused, so nobody holds them, so their processes are dead. Kept by the
 * ledger's leader; soft state, not thread-safe.
 */
/*
 * A node binds its port before it joins and holds it to the end of its process, and a process that has ended serves
 * nothing. So a refusal is sound evidence of a death, at once, where silence takes a whole lease to be one (rule 6). But
 * one prober may be wrong about what it asked (another network, a firewall that answers for others), so a majority of all
 * members must have been refused lately, each under a lease of its own. The one that is suspected counts as a member and
 * testifies to nothing; of two members none can prove the other's death.
 *
 * A report names a registration that the prober's view held before it asked. A node that died and came back has another.
 */
public final class DeathReports {
  private final long freshNanos;

  /** When each prober was last refused, by the registration that it asked for. */
  private final Map<Long, Map<Long, Long>> refusals = new HashMap<>();

  /**
   * None yet.
   *
   * @param freshNanos how long a report counts
   */
  public DeathReports(long freshNanos) {
    this.freshNanos = freshNanos;
  }

  /** The prober was refused at the port of a registration, on an attempt that it began just now. */
  public void refused(long registration, long prober, long now) {
    refusals.computeIfAbsent(registration, r -> new HashMap<>()).put(prober, now);
  }

  /**
   * The members whose death is proven.
   *
   * @param live whether a registration may well have a lease
   */
  public List<Member> proven(Placement view, LongPredicate live, long now) {
    refusals.keySet().retainAll(view.members().keySet());
    List<Member> dead = new ArrayList<>();
    refusals.forEach((registration, probers) -> {
      probers.values().removeIf(at -> now - at > freshNanos);
      long testify =
          probers.keySet().stream()
              .filter(p -> !p.equals(registration) && view.members().containsKey(p) && live.test(p))
              .count();
      Member member = view.members().get(registration);
      if (member != null && testify > view.members().size() / 2) {
        dead.add(member);
      }
    });
    dead.sort((a, b) -> Long.compare(a.registration(), b.registration()));
    return dead;
  }
}
