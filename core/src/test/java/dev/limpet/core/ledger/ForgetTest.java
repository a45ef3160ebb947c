package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.Outcome.Reason;
import org.junit.jupiter.api.Test;

class ForgetTest {
  private static Outcome forget(Ledgers l, String node) {
    return l.apply(new Command.Forget(node)).outcome();
  }

  private static long preferring(Ledgers l, String node) {
    return l.state.placement().shards().stream().filter(s -> s.preferred().equals(node)).count();
  }

  @Test
  void forget_ofAMember_isRefused() {
    Ledgers l = Ledgers.formed(6);
    l.join("n1");
    l.join("n2");
    assertThat(forget(l, "n2"))
        .isInstanceOfSatisfying(
            Outcome.Refused.class, o -> assertThat(o.reason()).isEqualTo(Reason.STILL_A_MEMBER));
  }

  @Test
  void forget_ofAStranger_isRefused() {
    Ledgers l = Ledgers.formed(6);
    l.join("n1");
    assertThat(forget(l, "n9"))
        .isInstanceOfSatisfying(
            Outcome.Refused.class, o -> assertThat(o.reason()).isEqualTo(Reason.NOT_A_MEMBER));
  }

  @Test
  void forget_ofANodeThatLeft_spreadsWhatItPreferredOverTheOthers() {
    Ledgers l = Ledgers.formed(6);
    l.join("n1");
    l.join("n2");
    long n3 = l.join("n3");
    l.apply(new Command.Leave("n3", n3));
    assertThat(preferring(l, "n3")).isEqualTo(2);
    assertThat(forget(l, "n3")).isEqualTo(new Outcome.Done());
    assertThat(preferring(l, "n1")).isEqualTo(3);
    assertThat(preferring(l, "n2")).isEqualTo(3);
    assertThat(l.state.known()).containsExactly("n1", "n2");
  }
}
