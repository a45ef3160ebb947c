package dev.limpet.core.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

class DeathReportsTest {
  private static final long S = 1_000_000_000;

  private final DeathReports reports = new DeathReports(S);
  private LongPredicate live = r -> true;

  private static Placement members(long... registrations) {
    Map<Long, Member> members = new TreeMap<>();
    for (long r : registrations) {
      members.put(r, new Member("n" + r, r, "boot", "storage", "127.0.0.1:1", "", 0));
    }
    return new Placement(1, "c", new byte[16], "", members, List.of(), Set.of());
  }

  private List<Long> proven(Placement view, long now) {
    return reports.proven(view, live, now).stream().map(Member::registration).toList();
  }

  @Test
  void deathThatAMajorityReports_isProven() {
    reports.refused(3, 1, 0);
    assertThat(proven(members(1, 2, 3), 0)).as("one of three").isEmpty();
    reports.refused(3, 2, 10);
    assertThat(proven(members(1, 2, 3), 10)).containsExactly(3L);
  }

  @Test
  void oneProberThatReportsAgainAndAgain_isOne() {
    for (int i = 0; i < 10; i++) {
      reports.refused(3, 1, i);
    }
    assertThat(proven(members(1, 2, 3), 10)).isEmpty();
  }

  @Test
  void halfOfTheMembers_isNoMajority() {
    reports.refused(4, 1, 0);
    reports.refused(4, 2, 0);
    assertThat(proven(members(1, 2, 3, 4), 0)).isEmpty();
    reports.refused(4, 3, 0);
    assertThat(proven(members(1, 2, 3, 4), 0)).containsExactly(4L);
  }

  @Test
  void suspectItself_testifiesToNothing_soOfTwoNobodyIsProvenDead() {
    reports.refused(2, 1, 0);
    reports.refused(2, 2, 0);
    assertThat(proven(members(1, 2), 0)).isEmpty();
  }

  @Test
  void reportsOfLongAgo_doNotCount() {
    reports.refused(3, 1, 0);
    reports.refused(3, 2, S + 1);
    assertThat(proven(members(1, 2, 3), S + 1)).isEmpty();
  }

  @Test
  void proberWithoutALease_doesNotCount() {
    reports.refused(3, 1, 0);
    reports.refused(3, 2, 0);
    live = r -> r != 2;
    assertThat(proven(members(1, 2, 3), 0)).isEmpty();
  }

  @Test
  void proberThatIsNoMember_doesNotCount() {
    reports.refused(3, 1, 0);
    reports.refused(3, 99, 0);
    assertThat(proven(members(1, 2, 3), 0)).isEmpty();
  }

  @Test
  void reportsOfAnEarlierRegistration_sayNothingOfTheNextOne() {
    reports.refused(3, 1, 0);
    reports.refused(3, 2, 0);
    assertThat(proven(members(1, 2, 7), 0)).as("n3 is back, as 7").isEmpty();
    assertThat(proven(members(1, 2, 3), 0)).as("and is forgotten").isEmpty();
  }

  @Test
  void severalDeaths_areProvenEachForItself() {
    for (long prober = 1; prober <= 3; prober++) {
      reports.refused(4, prober, 0);
      reports.refused(5, prober, 0);
    }
    assertThat(proven(members(1, 2, 3, 4, 5), 0)).containsExactly(4L, 5L);
  }
}
