package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SettlingTest {
  private static final long S = 1_000_000_000;

  private final Settling settling = new Settling(S, 300 * S);
  private long registration;
  private long now = 7 * S;

  /** The node joins, under a registration of its own. */
  private Member join() {
    Member member = new Member("n1", ++registration, "boot", "storage", "", "", 0);
    settling.membersAre(view(Map.of(registration, member)), now);
    return member;
  }

  private void expire() {
    settling.expired("n1", now);
    settling.membersAre(view(Map.of()), now);
  }

  private static Placement view(Map<Long, Member> members) {
    return new Placement(1, "c", new byte[16], "", members, List.of(), Set.of());
  }

  /** How many whole seconds the member has to stay. */
  private long staySeconds(Member member) {
    long seconds = 0;
    while (!settling.settled(member, now + seconds * S + 1)) {
      seconds++;
    }
    return seconds;
  }

  @Test
  void newcomer_settlesAfterTheStay() {
    Member member = join();
    assertThat(settling.settled(member, now)).isFalse();
    assertThat(settling.settled(member, now + S)).isFalse();
    assertThat(settling.settled(member, now + S + 1)).isTrue();
  }

  @Test
  void nodeThatExpiresAgainAndAgain_staysTwiceAsLongEachTimeUpToABound() {
    for (long wanted : new long[] {1, 2, 4, 8, 16, 32, 64, 64, 64}) {
      join();
      expire();
      assertThat(staySeconds(join())).isEqualTo(wanted);
    }
  }

  @Test
  void nodeThatLeavesAndReturns_settlesAsSoonAsEver() {
    for (int i = 0; i < 10; i++) {
      join();
      settling.membersAre(view(Map.of()), now);
      assertThat(staySeconds(join())).isEqualTo(1);
    }
  }

  @Test
  void expiriesOfLongAgo_areForgotten() {
    for (int i = 0; i < 4; i++) {
      join();
      expire();
    }
    now += 301 * S;
    join();
    expire();
    assertThat(staySeconds(join())).isEqualTo(1);
  }

  @Test
  void registrationThatHasEnded_isNotSettled() {
    Member member = join();
    expire();
    assertThat(settling.settled(member, now + 1_000 * S)).isFalse();
  }
}
