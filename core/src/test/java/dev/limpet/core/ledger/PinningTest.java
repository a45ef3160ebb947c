package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ProcessId;
import dev.limpet.core.ledger.Outcome.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process gets a home of its own, and goes back. Two nodes, four shards; what "a" is hashed into is on "n1". */
@Timeout(30)
class PinningTest {
  private static final ProcessId A = new ProcessId("counter", "a");

  private final Ledgers l = Ledgers.formed(4);
  private long n1;
  private long n2;
  private int hashed;

  @BeforeEach
  void two() {
    n1 = l.join("n1");
    n2 = l.join("n2");
    hashed = l.state.placement().hashedShardOf(A);
  }

  private long home(int shard) {
    return l.shard(shard).home();
  }

  private static Reason refusal(LedgerState.Result result) {
    return ((Outcome.Refused) result.outcome()).reason();
  }

  private Pin pinned() {
    l.pin("a", "n2");
    l.release(l.pinOf("a").number());
    return l.pinOf("a");
  }

  @Test
  void pin_beginsWhereTheProcessIs_andMovesToItsNode() {
    long before = l.shard(hashed).epoch();
    LedgerState.Result result = l.pin("a", "n2");
    Pin pin = l.pinOf("a");
    assertThat(pin.number()).isEqualTo(4);
    assertThat(pin.at().home()).isEqualTo(n1);
    assertThat(pin.at().epoch()).isGreaterThan(before);
    assertThat(Objects.requireNonNull(pin.at().move()).target()).isEqualTo(n2);
    assertThat(l.state.placement().shardOf(A)).isEqualTo(4);
    assertThat(result.decisions())
        .extracting(Decision::describe)
        .containsExactly(
            "counter/a is pinned to n2, as shard 4",
            "shard 4 is at home on n1 since epoch " + pin.at().epoch() + " (pinned)",
            "shard 4 moves from n1 to n2 (move " + l.state.index() + ")");
    l.release(4);
    assertThat(home(4)).isEqualTo(n2);
    assertThat(l.shard(hashed).epoch()).as("the others stay").isEqualTo(before);
  }

  @Test
  void pin_toTheNodeWhereItIs_hasAnEpochOfItsOwn() {
    l.pin("a", "n1");
    assertThat(l.pinOf("a").at().move()).isNull();
    assertThat(home(4)).isEqualTo(n1);
  }

  @Test
  void pin_toAnUnknownOrDrainedNode_isRefused() {
    assertThat(refusal(l.pin("a", "n9"))).isEqualTo(Reason.NOT_A_MEMBER);
    l.apply(new Command.Drain("n2"));
    assertThat(refusal(l.pin("a", "n2"))).isEqualTo(Reason.DRAINED);
    assertThat(l.state.placement().pins().isEmpty()).isTrue();
  }

  @Test
  void pin_whileTheHashedShardMoves_isOvertaken() {
    l.move(hashed, n2);
    assertThat(refusal(l.pin("a", "n2"))).isEqualTo(Reason.OVERTAKEN);
  }

  @Test
  void pin_repeated_changesNothing() {
    l.pin("a", "n2");
    assertThat(l.pin("a", "n2").decisions()).isEmpty();
    l.release(4);
    LedgerState.Result again = l.pin("a", "n2");
    assertThat(again.outcome()).isEqualTo(new Outcome.Done());
    assertThat(again.decisions()).isEmpty();
  }

  @Test
  void pin_toAnotherNode_isAMoveOfTheSamePin() {
    pinned();
    l.pin("a", "n1");
    assertThat(l.pinOf("a").number()).isEqualTo(4);
    l.release(4);
    assertThat(home(4)).isEqualTo(n1);
  }

  @Test
  void pins_beyondTheBound_areRefused() {
    List<Pin> many = new ArrayList<>();
    for (int i = 0; i < Pin.COUNT_MAX; i++) {
      ShardHome at = new ShardHome(n1, 5, "n1", 0, null);
      many.add(new Pin(4 + i, new ProcessId("counter", "q" + i), 0, false, at));
    }
    LedgerImage i = l.state.image();
    l.state =
        LedgerState.of(
            new LedgerImage(
                i.index(),
                i.clusterId(),
                i.hashKey(),
                i.types(),
                i.lastEpoch(),
                i.members(),
                i.known(),
                i.drained(),
                i.shards(),
                4 + Pin.COUNT_MAX,
                many));
    assertThat(refusal(l.pin("a", "n2"))).isEqualTo(Reason.TOO_MANY_PINS);
  }

  @Test
  void unpin_movesItToItsHashedShard_whichTakesItIn() {
    pinned();
    l.unpin("a");
    assertThat(Objects.requireNonNull(l.shard(4).move()).target()).isEqualTo(n1);
    l.release(4);
    assertThat(l.state.placement().shardOf(A)).as("held ready first").isEqualTo(4);
    assertThat(l.takeIn(l.pinOf("a")).decisions())
        .extracting(Decision::describe)
        .containsExactly("counter/a is unpinned, and in shard " + hashed + " again");
    assertThat(l.state.placement().shardOf(A)).isEqualTo(hashed);
    assertThat(l.state.placement().at(4)).isNull();
    l.pin("a", "n2");
    assertThat(l.pinOf("a").number()).as("no number twice").isEqualTo(5);
  }

  @Test
  void unpin_ofWhatIsNotPinned_isRefused() {
    assertThat(refusal(l.unpin("a"))).isEqualTo(Reason.NOT_PINNED);
  }

  @Test
  void takeIn_ofAPinThatDoesNotEnd_orByAnother_orOfAnEarlierEpoch_isOvertaken() {
    l.pin("a", "n1");
    assertThat(refusal(l.takeIn(l.pinOf("a")))).isEqualTo(Reason.OVERTAKEN);
    l.unpin("a");
    long epoch = l.shard(4).epoch();
    assertThat(refusal(l.apply(new Command.TakeIn("n2", n2, 4, epoch))))
        .isEqualTo(Reason.OVERTAKEN);
    assertThat(refusal(l.apply(new Command.TakeIn("n1", n1, 4, epoch - 1))))
        .isEqualTo(Reason.OVERTAKEN);
    assertThat(l.takeIn(l.pinOf("a")).outcome()).isEqualTo(new Outcome.Done());
  }

  @Test
  void hashedShardThatTakesAPinIn_doesNotMove() {
    l.pin("a", "n1");
    l.unpin("a");
    assertThat(refusal(l.move(hashed, n2))).isEqualTo(Reason.OVERTAKEN);
    assertThat(refusal(l.move(4, n2))).isEqualTo(Reason.OVERTAKEN);
    l.takeIn(l.pinOf("a"));
    assertThat(l.move(hashed, n2).outcome()).isEqualTo(new Outcome.Done());
  }

  @Test
  void hashedShardThatMovesAway_isFollowedByTheEndingPin() {
    pinned();
    l.move(hashed, n2);
    l.unpin("a");
    assertThat(l.shard(4).move()).isNull();
    l.release(hashed);
    assertThat(l.shard(4).move()).as("it is there already").isNull();
    assertThat(l.takeIn(l.pinOf("a")).outcome()).isEqualTo(new Outcome.Done());
    assertThat(home(l.state.placement().shardOf(A))).isEqualTo(n2);
  }

  @Test
  void expiryOfThePinsHome_givesItToASurvivor_andItComesHome() {
    Pin pin = pinned();
    l.expire("n2", n2);
    assertThat(home(4)).isEqualTo(n1);
    assertThat(l.shard(4).epoch()).isGreaterThan(pin.at().epoch());
    assertThat(l.state.placement().believes(4, pin.at().epoch(), n2)).isFalse();
    long back = l.join("n2");
    l.settle();
    assertThat(home(4)).isEqualTo(back);
  }

  @Test
  void expiryOfTheSource_beforeTheRelease_givesThePinToItsNodeAtOnce() {
    l.pin("a", "n2");
    l.expire("n1", n1);
    assertThat(home(4)).isEqualTo(n2);
    assertThat(l.shard(4).move()).isNull();
  }

  @Test
  void expiryWhileAPinEnds_sendsItAfterItsHashedShard() {
    l.pin("a", "n1");
    l.unpin("a");
    Pin pin = l.pinOf("a");
    l.expire("n1", n1);
    assertThat(refusal(l.apply(new Command.TakeIn("n1", n1, 4, pin.at().epoch()))))
        .isEqualTo(Reason.OVERTAKEN);
    assertThat(home(4)).isEqualTo(n2);
    assertThat(home(hashed)).isEqualTo(n2);
    l.takeIn(l.pinOf("a"));
    assertThat(l.state.placement().pins().isEmpty()).isTrue();
  }

  @Test
  void drainOfThePinsNode_movesItAway_andUndrainBringsItBack() {
    pinned();
    l.apply(new Command.Drain("n2"));
    l.settle();
    assertThat(home(4)).isEqualTo(n1);
    l.apply(new Command.Undrain("n2"));
    l.settle();
    assertThat(home(4)).isEqualTo(n2);
  }

  @Test
  void replyOfAPinThatHasEnded_isBelievedIfItsNodeIsStillAMember() {
    l.pin("a", "n1");
    l.unpin("a");
    long epoch = l.shard(4).epoch();
    l.takeIn(l.pinOf("a"));
    assertThat(l.state.placement().believes(4, epoch, n1)).isTrue();
    l.expire("n1", n1);
    assertThat(l.state.placement().believes(4, epoch, n1)).isFalse();
  }
}
