package dev.limpet.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Placement;
import dev.limpet.ledger.ratis.Voter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order the leader changes who votes, in two groups. */
class VoterDutiesTest {
  private static final long S = 1_000_000_000L;

  private final FakeGroups groups = new FakeGroups();
  private final VoterDuties duties = new VoterDuties(groups, Times.of(S / 5, S));
  private final LedgerState ledger = new LedgerState();

  private static final class FakeGroups implements VoterDuties.Groups {
    final List<String> done = new ArrayList<>();
    List<Voter> ledger = voters(0, 1, 2);
    List<Voter> store = voters(0, 1, 2);
    boolean led = true;

    @Override
    public boolean led() {
      return led;
    }

    @Override
    public @Nullable List<Voter> ledger() {
      return ledger;
    }

    @Override
    public @Nullable List<Voter> store() {
      return store;
    }

    @Override
    public CompletableFuture<Boolean> changeLedger(List<Voter> from, List<Voter> to) {
      ledger = List.copyOf(to);
      done.add("ledger " + names(to));
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletableFuture<Boolean> changeStore(List<Voter> from, List<Voter> to) {
      store = List.copyOf(to);
      done.add("store " + names(to));
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletableFuture<?> seat(Voter voter) {
      done.add("seat " + voter.node());
      return CompletableFuture.completedFuture(null);
    }
  }

  private static List<Voter> voters(int... numbers) {
    return IntStream.of(numbers)
        .mapToObj(n -> new Voter("n" + n, "s" + n, "127.0.0.1:" + (1000 + n)))
        .toList();
  }

  private static String names(List<Voter> voters) {
    return String.join(",", voters.stream().map(Voter::node).toList());
  }

  @BeforeEach
  void form() {
    ledger.apply(1, new Command.Form("c", new byte[16], 4));
  }

  private Placement members(int... numbers) {
    for (int n : numbers) {
      ledger.apply(
          10 + n, new Command.Join("n" + n, "b" + n, "s" + n, "127.0.0.1:" + (1000 + n), "h", "t"));
    }
    return ledger.placement();
  }

  private void look(Placement view, long... seconds) {
    Set<String> known = Set.of("n0", "n1", "n2", "n3");
    for (long second : seconds) {
      duties.lead(view, () -> known, second * S);
    }
  }

  @Test
  void voterThatIsGone_isReplacedInTheStore_andOnlyThenInTheLedger() {
    Placement view = members(0, 1, 3);
    look(view, 0, 5, 10);
    assertThat(groups.done).isEmpty();
    look(view, 11, 12, 13);
    assertThat(groups.done)
        .containsExactly("seat n3", "store n0,n1,n3", "seat n3", "ledger n0,n1,n3");
  }

  @Test
  void changeThatALeaderLeftHalfDone_isGoneOnWith_whoeverIsBackMeanwhile() {
    groups.store = voters(0, 1, 3);
    look(members(0, 1, 2, 3), 0, 1);
    assertThat(groups.done).containsExactly("seat n3", "ledger n0,n1,n3");
  }

  @Test
  void leaderOfOneGroupOnly_changesNothing() {
    groups.led = false;
    look(members(0, 1, 3), 0, 20, 40);
    assertThat(groups.done).isEmpty();
  }
}
