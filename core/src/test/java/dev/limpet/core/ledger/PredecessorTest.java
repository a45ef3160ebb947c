package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.LedgerState.Result;
import dev.limpet.core.ledger.Outcome.Reason;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who has the lock that a member held ends it with its own join (rule 7), and nobody else does. */
class PredecessorTest {
  private static final String LOCK = "kernel-1(dev=1,ino=7)";

  private final Ledgers l = Ledgers.formed(8);
  private long first;

  private static Command.Join join(String boot, String storage, String address, String lock) {
    return new Command.Join(
        "n1", boot, storage, address, "", "counter", new Incarnation(lock, 1, 1), 0);
  }

  private static Command.Join restarted() {
    return join("b2", "disk", "a:1", LOCK);
  }

  @BeforeEach
  void memberWithALock() {
    first = ((Outcome.Joined) l.apply(join("b1", "disk", "a:1", LOCK)).outcome()).registration();
    l.join("n2");
    l.settle();
    l.renew("n1", first, 40);
  }

  private void refused(Command.Join join) {
    Result result = l.apply(join);
    assertThat(result.outcome())
        .isInstanceOfSatisfying(
            Outcome.Refused.class, r -> assertThat(r.reason()).isEqualTo(Reason.NAME_TAKEN));
    assertThat(result.decisions()).isEmpty();
  }

  @Test
  void join_withTheLockOfItsPredecessor_endsItInTheSameEntry_andTheSurvivorsHaveItsShards() {
    Result result = l.apply(restarted().after(first));
    long second = ((Outcome.Joined) result.outcome()).registration();
    assertThat(result.decisions())
        .contains(new Decision.Expired("n1", first), new Decision.Joined("n1", second));
    assertThat(l.state.placement().members()).doesNotContainKey(first).containsKey(second);
    assertThat(l.homes()).isEqualTo(Map.of("n1", 0, "n2", 8));
    assertThat(l.state.placement().shards())
        .filteredOn(s -> s.preferred().equals("n1"))
        .as("replies of the dead one's epochs are not believed")
        .allMatch(s -> s.expiredThrough() > 0 && s.epoch() > s.expiredThrough());
  }

  @Test
  void join_ofTheOnlyNode_withTheLockOfItsPredecessor_hasTheShardsAgain_andMayHostOtherTypes() {
    Ledgers alone = Ledgers.formed(4);
    long before =
        ((Outcome.Joined) alone.apply(join("b1", "disk", "a:1", LOCK)).outcome()).registration();
    Command.Join other =
        new Command.Join(
            "n1", "b2", "disk", "a:1", "", "wallet", new Incarnation(LOCK, 2, 2), before);
    assertThat(alone.apply(other).outcome()).isInstanceOf(Outcome.Joined.class);
    assertThat(alone.homes()).isEqualTo(Map.of("n1", 4));
    assertThat(alone.state.placement().types().text()).isEqualTo("wallet");
  }

  @Test
  void join_withOtherTypesThanTheOthers_isRefused_andEndsNothing() {
    Command.Join other =
        new Command.Join(
            "n1", "b2", "disk", "a:1", "", "wallet", new Incarnation(LOCK, 2, 2), first);
    assertThat(l.apply(other).outcome())
        .isInstanceOfSatisfying(
            Outcome.Refused.class, r -> assertThat(r.reason()).isEqualTo(Reason.TYPES_DIFFER));
    assertThat(l.state.placement().members()).containsKey(first);
  }

  @Test
  void join_fromACopyOfTheDirectory_whoseLockIsAnotherFile_waitsForTheLease() {
    refused(join("b2", "disk", "a:1", "kernel-1(dev=1,ino=8)").after(first));
    refused(join("b2", "disk", "a:1", "kernel-2(dev=1,ino=7)").after(first));
  }

  @Test
  void join_whoseLockProvesNothing_waitsForTheLease() {
    Ledgers unknown = Ledgers.formed(4);
    long before =
        ((Outcome.Joined) unknown.apply(join("b1", "disk", "a:1", "")).outcome()).registration();
    assertThat(unknown.apply(join("b2", "disk", "a:1", "").after(before)).outcome())
        .isInstanceOf(Outcome.Refused.class);
    refused(join("b2", "disk", "a:1", "").after(first));
  }

  @Test
  void join_withAnotherStorage_orAtAnotherAddress_waitsForTheLease() {
    refused(join("b2", "emptied", "a:1", LOCK).after(first));
    refused(join("b2", "disk", "clone:1", LOCK).after(first));
  }

  @Test
  void join_thatDoesNotNameTheRegistration_waitsForTheLease() {
    refused(restarted());
    refused(restarted().after(first + 1));
  }

  @Test
  void joinOfADeadProcess_thatComesAfterItsSuccessors_endsNothing() {
    l.apply(restarted().after(first));
    Placement settled = l.state.placement();
    refused(join("b1", "disk", "a:1", LOCK));
    refused(join("b1", "disk", "a:1", LOCK).after(first));
    assertThat(l.state.placement()).isSameAs(settled);
  }

  @Test
  void join_sentAgain_isTheSameRegistration() {
    Result once = l.apply(restarted().after(first));
    Result again = l.apply(restarted().after(first));
    assertThat(again.outcome()).isEqualTo(once.outcome());
    assertThat(again.decisions()).isEmpty();
  }
}
