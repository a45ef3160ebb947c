package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.Hosting;
import dev.limpet.OutcomeUnknown;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.engine.Store;
import dev.limpet.engine.memory.MemoryStore;
import dev.limpet.node.home.MemoryArrivals.Piece;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What lives in memory goes ahead in a planned move, and is used only if it is the memory of the state that was saved. */
@Timeout(90)
class MovedMemoryTest {
  private static final long MOVE = 70;

  private final Shore shore = new Shore();

  @AfterEach
  void close() {
    shore.close();
  }

  /** Two hits in memory, one saved addition. */
  private void use(String key) throws Exception {
    shore.probe(key).act("addMemory");
    shore.probe(key).act("addMemory");
    shore.probe(key).act("add");
  }

  /** Moves the shard away; its release. */
  private Released release() throws Exception {
    shore.move(MOVE);
    Caller.until(() -> !shore.releases.isEmpty());
    return shore.releases.getFirst();
  }

  /** Moves the shard away and back, and gives the memory to arrive. */
  private Piece away() throws Exception {
    Released released = release();
    Piece piece = shore.carried.getFirst();
    assertThat(released.image()).isEqualTo(piece.image()).isPositive();
    shore.place(Shore.OTHER, 2);
    shore.comes(MOVE, 2);
    return piece;
  }

  private long memory(String key) throws Exception {
    return shore.probe(key).look("getMemory");
  }

  @Test
  void moveOfAShardWithMemory_sendsItAheadAndNamesItInTheRelease() throws Exception {
    use("a");
    Released released = release();
    assertThat(shore.carried).hasSize(1);
    assertThat(shore.carried.getFirst().move()).isEqualTo(MOVE);
    assertThat(released).isEqualTo(new Released(0, MOVE, shore.carried.getFirst().image()));
    assertThat(shore.tenure()).isInstanceOf(Tenure.Renounced.class);
  }

  @Test
  void moveOfAShardWithoutMemory_sendsNothing() throws Exception {
    shore.probe("a").act("add");
    assertThat(release()).isEqualTo(new Released(0, MOVE, 0));
    assertThat(shore.carried).isEmpty();
  }

  @Test
  void targetThatTakesNoMemory_leavesTheShardWhereItIs() throws Exception {
    use("a");
    shore.carries = false;
    shore.move(MOVE);
    Caller.until(() -> !shore.carried.isEmpty() && shore.tenure() instanceof Tenure.Open);
    assertThat(memory("a")).isEqualTo(2);
    assertThat(shore.releases).isEmpty();
  }

  @Test
  void memoryOfTheStateThatWasSaved_isThereAfterTheMove() throws Exception {
    use("a");
    assertThat(shore.shards.take(away())).isTrue();
    shore.arrived(3, shore.carried.getFirst().image());
    assertThat(memory("a")).isEqualTo(2);
    assertThat(shore.probe("a").look("get")).isEqualTo(1);
    assertThat(shore.probe("a").act("addMemory")).isEqualTo(3);
  }

  @Test
  void processThatIsPinnedBeforeItsShardIsOpen_findsItsMemoryInThePin() throws Exception {
    use("a");
    use("b");
    assertThat(shore.shards.take(away())).isTrue();
    shore.arrivedWithPin(3, shore.carried.getFirst().image(), 101, "a", 5);
    assertThat(memory("a")).isEqualTo(2);
    assertThat(memory("b")).isEqualTo(2);
    shore.acts.on("epoch", p -> p.self.epoch());
    assertThat(shore.probe("a").look("epoch")).as("under the pin").isEqualTo(5);
    assertThat(shore.probe("b").look("epoch")).isEqualTo(3);
  }

  @Test
  void memoryOfAnOlderState_isNotUsed() throws Exception {
    use("a");
    shore.shards.take(away());
    // The node in between saved something: what was sent before that is the past.
    shore.store.claim(List.of(new Store.Claim(0, 2, 1, Shore.OTHER))).join();
    shore.store.commit(List.of(new Store.Part(0, 2, 1, 1, List.of()))).join();
    shore.arrived(3, shore.carried.getFirst().image());
    assertThat(memory("a")).isZero();
  }

  @Test
  void memoryThatTheReleaseDoesNotName_isNotUsed() throws Exception {
    use("a");
    Piece piece = away();
    shore.shards.take(piece);
    shore.arrived(3, piece.image() + 1);
    assertThat(memory("a")).isZero();
  }

  @Test
  void memoryThatArrivedOnlyInPart_isNotUsed() throws Exception {
    use("a");
    Piece whole = away();
    Piece part =
        new Piece(0, MOVE, whole.image(), 0, false, java.util.Arrays.copyOf(whole.bytes(), 5));
    assertThat(shore.shards.take(part)).isTrue();
    shore.arrived(3, whole.image());
    assertThat(memory("a")).isZero();
  }

  @Test
  void memoryInPieces_isPutTogether() throws Exception {
    use("a");
    Piece whole = away();
    byte[] bytes = whole.bytes();
    for (int i = 0; i < bytes.length; i++) {
      Piece piece =
          new Piece(0, MOVE, whole.image(), i, i == bytes.length - 1, new byte[] {bytes[i]});
      assertThat(shore.shards.take(piece)).isTrue();
      assertThat(shore.shards.take(new Piece(0, MOVE, 9, i + 2, false, new byte[1])))
          .as("a piece that does not follow")
          .isFalse();
    }
    shore.arrived(3, whole.image());
    assertThat(memory("a")).isEqualTo(2);
  }

  @Test
  void memoryOfAMoveThatWasAborted_isNotUsedInALaterOne() throws Exception {
    use("a");
    Piece piece = away();
    shore.shards.take(piece);
    shore.place(Shore.OTHER, 2);
    shore.comes(MOVE + 1, 2);
    shore.arrived(3, piece.image());
    assertThat(memory("a")).isZero();
  }

  @Test
  void processThatIsNotCalledBetweenTwoMoves_keepsItsMemoryInBoth() throws Exception {
    use("a");
    use("b");
    shore.shards.take(away());
    shore.arrived(3, shore.carried.getFirst().image());
    assertThat(memory("a")).isEqualTo(2);
    shore.releases.clear();
    shore.carried.clear();
    shore.shards.take(awayAgain());
    shore.arrived(5, shore.carried.getFirst().image());
    assertThat(memory("b")).isEqualTo(2);
    assertThat(memory("a")).isEqualTo(2);
  }

  private Piece awayAgain() throws Exception {
    shore.move(MOVE + 10);
    Caller.until(() -> !shore.releases.isEmpty());
    shore.place(Shore.OTHER, 4);
    shore.comes(MOVE + 10, 4);
    return shore.carried.getFirst();
  }

  @Test
  void memoryThatArrived_isGoneWithPassivationLikeAnyOther() throws Exception {
    use("a");
    use("b");
    shore.shards.take(away());
    shore.arrived(3, shore.carried.getFirst().image());
    assertThat(memory("a")).isEqualTo(2);
    shore.clock.advance(Hosting.Options.DEFAULT.idleAfter());
    assertThat(memory("a")).as("called before").isZero();
    assertThat(memory("b")).as("never called here").isZero();
  }

  @Test
  void memoryOfALostShard_isNotUsedWhenItComesBack() throws Exception {
    use("a");
    shore.shards.take(away());
    shore.arrived(3, shore.carried.getFirst().image());
    shore.place(0, 3);
    shore.place(Shore.SELF, 4);
    assertThat(memory("a")).isZero();
  }

  /** Nobody sends it twice; should it come twice, and the home have to claim anew at the same epoch, it is of the past. */
  @Test
  void memoryThatArrivesAgain_isNotUsedOnceSomethingWasSavedSince() throws Exception {
    use("a");
    Piece piece = away();
    shore.shards.take(piece);
    shore.arrived(3, piece.image());
    assertThat(memory("a")).isEqualTo(2);
    assertThat(shore.probe("a").act("add")).isEqualTo(2);
    assertThat(shore.shards.take(piece)).isTrue();
    shore.store.claim(List.of(new Store.Claim(0, 3, 2, Shore.SELF))).join();
    assertThatThrownBy(() -> shore.probe("a").act("add")).isInstanceOf(OutcomeUnknown.class);
    assertThat(memory("a")).isZero();
    assertThat(shore.probe("a").look("get")).isEqualTo(2);
  }

  @Test
  void freezeThatIsOver_carriesNothing_thoughItsCommitsAreSavedAtLast() throws Exception {
    assertThat(shore.probe("a").act("addMemory")).isEqualTo(1);
    StoreScript.Hold commits = shore.script.hold(MemoryStore.Operation.Committing.class);
    Caller<Long> add = Caller.start(() -> shore.probe("a").act("add"));
    commits.awaitReached();
    shore.move(MOVE);
    shore.place(Shore.SELF, 1);
    shore.move(MOVE + 1);
    commits.open();
    Caller.until(() -> !shore.releases.isEmpty());
    assertThat(shore.releases.getFirst().image()).isEqualTo(shore.carried.getLast().image());
    assertThat(shore.carried).extracting(Piece::move).containsOnly(MOVE + 1);
    assertThat(add.get()).isEqualTo(1);
  }
}
