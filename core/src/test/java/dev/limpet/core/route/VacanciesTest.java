package dev.limpet.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.LedgerState;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class VacanciesTest {
  private final LedgerState ledger = new LedgerState();
  private final Vacancies vacancies = new Vacancies(100);

  private long apply(Command command) {
    long index = ledger.index() + 1;
    ledger.apply(index, command);
    return index;
  }

  private long join(String node, String... roles) {
    return apply(
        new Command.Join(node, "b" + ledger.index(), "s", "a", "h", "counter\nvideo (role gpu)")
            .holding(new TreeSet<>(List.of(roles))));
  }

  private void viewed(long now) {
    vacancies.viewed(ledger.placement(), now);
  }

  @Test
  void roleThatNobodyHolds_lasts_onceItHasBeenSoForAsLongAsThePatience() {
    apply(new Command.Form("c", new byte[16], 8));
    join("n1");
    viewed(1_000);
    assertThat(vacancies.lasting("gpu", 1_099)).isFalse();
    viewed(1_050);
    assertThat(vacancies.lasting("gpu", 1_100)).isTrue();
  }

  @Test
  void roleThatIsHeldAgain_isVacantFromTheNextTime() {
    apply(new Command.Form("c", new byte[16], 8));
    join("n1");
    viewed(1_000);
    long n2 = join("n2", "gpu");
    viewed(2_000);
    assertThat(vacancies.lasting("gpu", 9_000)).isFalse();
    apply(new Command.Leave("n2", n2));
    viewed(10_000);
    assertThat(vacancies.lasting("gpu", 10_099)).isFalse();
    assertThat(vacancies.lasting("gpu", 10_100)).isTrue();
  }

  @Test
  void withoutAnyMember_aRoleIsVacantToo_butTheCommonShardsAreNot() {
    apply(new Command.Form("c", new byte[16], 8));
    long n1 = join("n1");
    apply(new Command.Leave("n1", n1));
    viewed(0);
    assertThat(vacancies.lasting("gpu", 1_000)).isTrue();
    assertThat(vacancies.lasting("", 1_000)).isFalse();
  }

  /** A view from before a stop of all knows nothing of a type that came with the new version, and may get shards of its own. */
  @Test
  void callOfATypeThatTheViewDoesNotHost_waits() {
    apply(new Command.Form("c", new byte[16], 8));
    assertThat(ledger.placement().types().hosts("video")).isFalse();
    assertThat(Route.of(ledger.placement(), -1, 0, new Tenure.Away(), false))
        .isEqualTo(new Route.Wait(Route.Why.NOT_HOSTED));
    join("n1");
    assertThat(ledger.placement().types().hosts("video")).isTrue();
    assertThat(ledger.placement().types().roleOf("video")).isEqualTo("gpu");
  }

  @Test
  void callToAShardWhoseRoleIsVacant_waitsForTheRole() {
    apply(new Command.Form("c", new byte[16], 8));
    long n1 = join("n1");
    assertThat(Route.of(ledger.placement(), 8, n1, new Tenure.Away(), false))
        .isEqualTo(new Route.Wait(Route.Why.NO_ROLE));
    long n2 = join("n2", "gpu");
    assertThat(Route.of(ledger.placement(), 8, n1, new Tenure.Away(), false))
        .isInstanceOfSatisfying(
            Route.There.class, r -> assertThat(r.home().registration()).isEqualTo(n2));
  }
}
