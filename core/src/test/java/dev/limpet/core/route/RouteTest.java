package dev.limpet.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.route.Route.Why;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouteTest {
  private static final Tenure.Open OPEN = new Tenure.Open(1, 1, 0);
  private final LedgerState ledger = new LedgerState();

  @BeforeEach
  void oneMember() {
    ledger.apply(1, new Command.Form("c", new byte[16], 1));
    ledger.apply(2, new Command.Join("n1", "b", "s", "a", "h", "t"));
  }

  private Route here(Tenure tenure, boolean inChain) {
    return Route.of(ledger.placement(), 0, 2, tenure, inChain);
  }

  @Test
  void of_noViewYet_waits() {
    assertThat(Route.of(Placement.EMPTY, 0, 0, new Tenure.Away(), false))
        .isEqualTo(new Route.Wait(Why.NOT_FORMED));
  }

  @Test
  void of_orphan_waits() {
    ledger.apply(3, new Command.Leave("n1", 2));
    assertThat(here(OPEN, false)).isEqualTo(new Route.Wait(Why.NO_HOME));
  }

  @Test
  void of_anothersShard_goesThere_whateverTheTenure() {
    Route.There there = (Route.There) Route.of(ledger.placement(), 0, 7, OPEN, false);
    assertThat(there.home().name()).isEqualTo("n1");
    assertThat(there.epoch()).isEqualTo(1);
    assertThat(Route.of(ledger.placement(), 0, 0, new Tenure.Away(), false))
        .isInstanceOf(Route.There.class);
  }

  @Test
  void of_ownShard_dependsOnTheTenure() {
    assertThat(here(OPEN, false)).isEqualTo(new Route.Here(1));
    assertThat(here(new Tenure.Open(7, 1, 0), false))
        .as("another epoch")
        .isEqualTo(new Route.Wait(Why.OPENING));
    assertThat(here(new Tenure.Away(), false)).isEqualTo(new Route.Wait(Why.OPENING));
    assertThat(here(new Tenure.Claiming(1, 1), false)).isEqualTo(new Route.Wait(Why.OPENING));
    assertThat(here(new Tenure.Renounced(OPEN, 5, 0), true)).isEqualTo(new Route.Wait(Why.MOVING));
  }

  @Test
  void of_freezingShard_letsOnlyItsOwnChainsIn() {
    Tenure freezing = new Tenure.Freezing(OPEN, 5, 0);
    assertThat(here(freezing, false)).isEqualTo(new Route.Wait(Why.MOVING));
    assertThat(here(freezing, true)).isEqualTo(new Route.Here(1));
    Tenure old = new Tenure.Freezing(new Tenure.Open(7, 1, 0), 5, 0);
    assertThat(here(old, true)).as("another epoch").isEqualTo(new Route.Wait(Why.MOVING));
  }
}
