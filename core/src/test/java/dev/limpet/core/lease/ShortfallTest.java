package dev.limpet.core.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Renew;
import dev.limpet.core.ledger.Command.Renewal;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Reach;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who lacks for two leases what the others have is let go, as if it were silent (rule 3). */
class ShortfallTest {
  private static final long MS = 1_000_000;
  private static final Times TIMES = Times.of(400 * MS, 3_000 * MS);
  private static final Reach NO_STORE = new Reach(false, true);
  private static final Reach NO_PEERS = new Reach(true, false);

  private final LedgerState ledger = new LedgerState();
  private final Grantor grantor = new Grantor(TIMES);
  private final long[] registrations = new long[3];
  private final Reach[] reaches = {Reach.ALL, Reach.ALL, Reach.ALL};
  private long now = 50 * MS;
  private long sequence;

  @BeforeEach
  void threeMembers() {
    apply(new Command.Form("c", new byte[16], 3));
    for (int n = 0; n < 3; n++) {
      apply(new Command.Join("n" + n, "b", "s", "a", "h", "t"));
      registrations[n] = ledger.index();
    }
    grantor.leads(now);
  }

  private LedgerState.Result apply(Command command) {
    LedgerState.Result result = ledger.apply(ledger.index() + 1, command);
    if (command instanceof Renew renew) {
      grantor.applied(renew, now);
    }
    grantor.membersAre(ledger.placement(), now);
    return result;
  }

  private boolean offer(int node) {
    return grantor.offer(
        new Renewal("n" + node, registrations[node], sequence, sequence - 1)
            .reaching(reaches[node]),
        now);
  }

  /** Everyone renews, at every heartbeat, for a while; the answer is which were refused at the end, and all expiries. */
  private List<Object> go(long millis) {
    List<Object> seen = new ArrayList<>();
    for (long end = now + millis * MS; now < end; now += 400 * MS) {
      sequence++;
      seen.removeIf(Integer.class::isInstance);
      for (int node = 0; node < 3; node++) {
        if (ledger.placement().members().containsKey(registrations[node]) && !offer(node)) {
          seen.add(node);
        }
      }
      for (Command c : grantor.tick(now)) {
        if (c instanceof Command.Expire e) {
          seen.add(e.node());
        }
        apply(c);
      }
    }
    return seen;
  }

  @Test
  void memberWithoutTheStore_forTwoLeases_isNoLongerRenewed_andExpires() {
    assertThat(go(2_000)).isEmpty();
    reaches[1] = NO_STORE;
    assertThat(go(6_000)).isEmpty();
    assertThat(go(1_200)).containsExactly(1);
    assertThat(go(4_000)).containsExactly("n1");
    assertThat(ledger.placement().member("n1")).isNull();
    assertThat(go(10_000)).as("the others go on").isEmpty();
  }

  @Test
  void memberWithoutPeers_forTwoLeases_isNoLongerRenewed() {
    go(2_000);
    reaches[2] = NO_PEERS;
    assertThat(go(6_000)).isEmpty();
    assertThat(go(1_200)).containsExactly(2);
  }

  @Test
  void memberThatReachesAllAgain_isRenewedAtOnce_andItsWaitBeginsAnew() {
    reaches[1] = NO_STORE;
    go(7_600);
    assertThat(offer(1)).isFalse();
    reaches[1] = Reach.ALL;
    assertThat(go(800)).isEmpty();
    reaches[1] = NO_STORE;
    assertThat(go(6_000)).isEmpty();
  }

  @Test
  void shortfallThatComesAndGoes_isNone() {
    for (int i = 0; i < 10; i++) {
      reaches[1] = NO_STORE;
      assertThat(go(4_000)).isEmpty();
      reaches[1] = Reach.ALL;
      assertThat(go(400)).isEmpty();
    }
  }

  @Test
  void shortfallOfMostMembers_letsNobodyGo() {
    reaches[0] = NO_STORE;
    reaches[1] = NO_STORE;
    assertThat(go(20_000)).isEmpty();
    reaches[0] = NO_PEERS;
    reaches[1] = NO_PEERS;
    reaches[2] = NO_PEERS;
    assertThat(go(20_000)).isEmpty();
  }

  @Test
  void wordOfAMemberThatIsSilentNow_doesNotCountForTheOthers() {
    go(2_000);
    reaches[1] = NO_STORE;
    go(5_000);
    long silentSince = now;
    while (now - silentSince < 3_200 * MS) {
      sequence++;
      assertThat(offer(0)).isTrue();
      boolean taken = offer(1);
      assertThat(taken || now - silentSince < 3_000 * MS).isTrue();
      grantor.tick(now).stream().filter(Renew.class::isInstance).forEach(this::apply);
      now += 400 * MS;
    }
    assertThat(offer(1)).as("one other is no majority of three").isTrue();
  }

  @Test
  void newLeader_waitsForTwoLeasesOfItsOwn() {
    reaches[1] = NO_STORE;
    go(5_000);
    grantor.follows();
    grantor.leads(now);
    assertThat(go(6_000)).isEmpty();
    assertThat(go(1_200)).containsExactly(1);
  }

  @Test
  void memberThatLacksSomething_isGivenNothing() {
    go(2_000);
    assertThat(grantor.holdingFor(registrations[1], now)).isPositive();
    reaches[1] = NO_PEERS;
    go(800);
    assertThat(grantor.holdingFor(registrations[1], now)).isNegative();
    assertThat(grantor.reachOf(registrations[1])).isEqualTo(NO_PEERS);
  }
}
