package dev.limpet.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ledger.ratis.Voter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where those are found who lead a log, or may answer for it. */
class VotersTest {
  private final Voters voters =
      new Voters("n0", List.of(voter(0), voter(1), voter(2)), 0, (now, since) -> {});

  private static Voter voter(int number) {
    return new Voter("n" + number, "s" + number, "127.0.0.1:" + (1000 + number));
  }

  private static InetSocketAddress at(int number) {
    return Addresses.parse("127.0.0.1:" + (1000 + number));
  }

  @Test
  void leaderThatIsNoVoter_isFoundAsAMember_andAskedFirst() {
    assertThat(voters.address("n3")).isNull();
    assertThat(voters.others("n3")).containsExactly(at(1), at(2));
    voters.elsewhere(Map.of("n3", at(3))::get);
    assertThat(voters.address("n3")).isEqualTo(at(3));
    assertThat(voters.others("n3")).containsExactly(at(3), at(1), at(2));
  }

  @Test
  void leaderThatVotes_isAskedFirst_andThisNodeNever() {
    assertThat(voters.others("n2")).containsExactly(at(2), at(1));
    assertThat(voters.others("n0")).containsExactly(at(1), at(2));
    assertThat(voters.others(null)).containsExactly(at(1), at(2));
  }
}
