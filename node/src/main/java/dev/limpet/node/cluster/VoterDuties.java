package dev.limpet.node.cluster;

import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.voters.VoterPlanner;
import dev.limpet.core.voters.VoterPlanner.Change;
import dev.limpet.core.voters.VoterPlanner.Seat;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.home.Async;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger's leader does about who votes: it carries out what {@link VoterPlanner} plans, one change at a time,
 * first in the store's group, then alike in the ledger's. Called by one thread at a time.
 */
/*
 * A change goes: the new voter starts empty replicas when it is asked; the leader adds it, which Ratis does only once the
 * newcomer has caught up; then the ledger's group is brought to the same voters. A leader that dies in between leaves two
 * groups that differ, and the next one goes on from there: nothing is remembered, all is read from the groups.
 *
 * The ledger's group comes last because a node holds its replicas by what that says. A voter that was away so long that
 * it is replaced may come back in the middle of it. Were the ledger's changed first, it would give up a replica of the
 * store that still counts, and with the death of one more, the leader say, the store would have no majority, though only
 * that one is missing (decision 0021).
 */
public final class VoterDuties {
  private static final System.Logger LOG = System.getLogger(VoterDuties.class.getName());

  private final Groups groups;
  private final long settledNanos;
  private final long goneNanos;
  private final Map<Seat, Long> memberSince = new HashMap<>();
  private final Map<Seat, Long> goneSince = new HashMap<>();
  private final AtomicBoolean changing = new AtomicBoolean();

  /** The two groups, as the leader's node sees and changes them. */
  public interface Groups {
    /** Whether both are led from here. */
    boolean led();

    /** Who votes in the ledger's group; null while that is being changed. */
    @Nullable List<Voter> ledger();

    /** Who votes in the store's group; null while that is being changed. */
    @Nullable List<Voter> store();

    CompletableFuture<Boolean> changeLedger(List<Voter> from, List<Voter> to);

    CompletableFuture<Boolean> changeStore(List<Voter> from, List<Voter> to);

    /** Asks a node to start empty replicas for that voter, if it has not. */
    CompletableFuture<?> seat(Voter voter);
  }

  /** A voter must have been a member for one lease; one that was no member for ten is replaced when that can be. */
  public VoterDuties(Groups groups, Times times) {
    this.groups = groups;
    this.settledNanos = times.lease();
    this.goneNanos = 10 * times.lease();
  }

  /** One look, while this node leads the ledger. */
  void lead(Placement view, Supplier<Set<String>> known, long now) {
    List<Member> members = List.copyOf(view.members().values());
    List<Seat> seats = members.stream().map(m -> new Seat(m.name(), m.storage())).toList();
    memberSince.keySet().retainAll(seats);
    seats.forEach(s -> memberSince.putIfAbsent(s, now));
    @Nullable List<Voter> ledger = groups.ledger();
    @Nullable List<Voter> store = groups.store();
    if (ledger == null || store == null || !groups.led() || changing.get()) {
      return;
    }
    List<Seat> voters = ledger.stream().map(VoterDuties::seat).toList();
    goneSince.keySet().retainAll(voters);
    goneSince.keySet().removeAll(seats);
    voters.stream().filter(v -> !seats.contains(v)).forEach(v -> goneSince.putIfAbsent(v, now));
    if (!Set.copyOf(ledger).equals(Set.copyOf(store))) {
      level(store, ledger);
      return;
    }
    @Nullable Change change =
        VoterPlanner.next(
            voters,
            seats,
            known.get(),
            s -> now - memberSince.getOrDefault(s, now) > settledNanos,
            s -> now - goneSince.getOrDefault(s, now) > goneNanos);
    if (change != null) {
      List<Voter> to = new ArrayList<>(store);
      to.removeIf(v -> seat(v).equals(change.remove()));
      @Nullable Voter added = null;
      for (Member m : members) {
        if (new Seat(m.name(), m.storage()).equals(change.add())) {
          added = new Voter(m.name(), m.storage(), m.clusterAddress());
          to.add(added);
        }
      }
      change("the store", added, store, to, groups::changeStore);
    }
  }

  private static Seat seat(Voter voter) {
    return new Seat(voter.node(), voter.storageId());
  }

  /** Brings the ledger's voters one step nearer to the store's. */
  private void level(List<Voter> store, List<Voter> ledger) {
    List<Voter> to = new ArrayList<>(ledger);
    @Nullable Voter extra =
        ledger.stream().filter(v -> !store.contains(v)).findFirst().orElse(null);
    to.removeIf(v -> v.equals(extra));
    @Nullable Voter added =
        store.stream()
            .filter(v -> to.stream().noneMatch(t -> t.node().equals(v.node())))
            .findFirst()
            .orElse(null);
    // The two must not be on one node: what is sent to the lost one would reach the new one.
    if (added != null && (extra == null || !extra.node().equals(added.node()))) {
      to.add(added);
    }
    change("the ledger", added, ledger, to, groups::changeLedger);
  }

  private interface Step {
    CompletableFuture<Boolean> change(List<Voter> from, List<Voter> to);
  }

  private void change(
      String group, @Nullable Voter added, List<Voter> from, List<Voter> to, Step step) {
    changing.set(true);
    CompletableFuture<?> ready =
        added == null ? CompletableFuture.completedFuture(null) : groups.seat(added);
    Async.whenDone(
        ready.thenCompose(unused -> step.change(from, to)),
        (done, failure) -> {
          changing.set(false);
          if (Objects.equals(done, true)) {
            LOG.log(
                Level.INFO,
                "the voters of {0} are {1} now",
                group,
                String.join(", ", to.stream().map(Voter::node).toList()));
          } else {
            LOG.log(Level.DEBUG, "the voters of " + group + " were not changed", failure);
          }
        });
  }
}
