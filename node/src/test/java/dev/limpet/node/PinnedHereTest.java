package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ProcessId;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.engine.Store;
import dev.limpet.engine.Store.PartReply;
import dev.limpet.engine.Store.Pinned;
import dev.limpet.engine.memory.MemoryStore;
import dev.limpet.node.home.Bounced;
import dev.limpet.node.home.Call;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process changes hands between its hashed shard and its pin on one node. */
@Timeout(60)
class PinnedHereTest {
  private static final int PIN = 1;

  private final Shore shore = new Shore();

  @AfterEach
  void close() {
    shore.close();
  }

  private void use(String key) throws Exception {
    shore.probe(key).act("addMemory");
    shore.probe(key).act("addMemory");
    shore.probe(key).act("add");
  }

  private long memory(String key) throws Exception {
    return shore.probe(key).look("getMemory");
  }

  private PartReply late(int shard, long epoch, long sequence, String key) {
    Store.Change change = new Store.Change(new ProcessId("probe", key), "late", new byte[1]);
    return shore
        .store
        .commit(List.of(new Store.Part(shard, epoch, 1, sequence, List.of(change))))
        .join()
        .replies()
        .getFirst();
  }

  /** Ends the pin, as the ledger does it. */
  private void unpin(long epoch) throws Exception {
    shore.pin(PIN, "a", Shore.SELF, epoch, true);
    Caller.until(() -> !shore.takeIns.isEmpty());
    assertThat(shore.takeIns.getFirst())
        .isEqualTo(new Command.TakeIn("shore", Shore.SELF, PIN, epoch));
    shore.unpinned();
  }

  @Test
  void pin_keepsStateAndMemory_andTheOthersAreNotTouched() throws Exception {
    use("a");
    use("b");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    assertThat(memory("a")).isEqualTo(2);
    assertThat(shore.probe("a").look("get")).isEqualTo(1);
    shore.acts.on("epoch", p -> p.self.epoch());
    assertThat(shore.probe("a").look("epoch")).isEqualTo(5);
    assertThat(shore.probe("b").look("epoch")).isEqualTo(1);
    assertThat(memory("b")).isEqualTo(2);
    assertThat(late(0, 1, 3, "a")).as("under the hashed shard").isEqualTo(PartReply.FENCED);
  }

  @Test
  void reference_thatKnowsWhereTheProcessWas_findsItInItsPin_andBack() throws Exception {
    Probe a = shore.probe("a");
    a.act("addMemory");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    assertThat(a.act("addMemory")).isEqualTo(2);
    unpin(5);
    assertThat(a.act("addMemory")).isEqualTo(3);
    assertThat(a.act("add")).isEqualTo(1);
  }

  @Test
  void unpin_keepsStateAndMemory_andVoidsThePin() throws Exception {
    use("a");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    use("a");
    unpin(5);
    assertThat(memory("a")).isEqualTo(4);
    assertThat(shore.probe("a").look("get")).isEqualTo(2);
    assertThat(shore.probe("a").act("add")).isEqualTo(3);
    assertThat(late(PIN, 5, 3, "a")).as("under the pin").isEqualTo(PartReply.FENCED);
    assertThat(shore.shards.tenure(PIN)).isInstanceOf(Tenure.Away.class);
  }

  @Test
  void pinUnpinPin_keepsStateAndMemory() throws Exception {
    use("a");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    unpin(5);
    shore.pin(PIN + 1, "a", Shore.SELF, 9, false);
    assertThat(memory("a")).isEqualTo(2);
    assertThat(shore.probe("a").act("add")).isEqualTo(2);
  }

  @Test
  void unpinAndPinAgain_inOneLookAtTheView_keepsMemory() throws Exception {
    use("a");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    assertThat(memory("a")).isEqualTo(2);
    shore.pin(PIN, "a", Shore.SELF, 5, true);
    Caller.until(() -> !shore.takeIns.isEmpty());
    shore.pin(PIN + 1, "a", Shore.SELF, 9, false);
    assertThat(memory("a")).isEqualTo(2);
  }

  @Test
  void turnThatRuns_isAwaited_andItsChangesAreThere() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    shore.acts.on(
        "slow",
        p -> {
          p.saved.set(p.saved.get() + 1);
          inside.countDown();
          go.await();
          return 0L;
        });
    Caller<Long> slow = Caller.start(() -> shore.probe("a").act("slow"));
    inside.await();
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    assertThat(shore.shards.tenure(PIN)).isInstanceOf(Tenure.Claiming.class);
    Caller<Long> waits = Caller.start(() -> shore.probe("a").act("add"));
    assertThat(shore.probe("b").act("add")).as("nobody else waits").isEqualTo(1);
    go.countDown();
    assertThat(slow.get()).isZero();
    assertThat(waits.get()).isEqualTo(2);
  }

  @Test
  void callsThatWaitForTheirTurn_landInThePin() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    shore.acts.on(
        "slow",
        p -> {
          inside.countDown();
          go.await();
          return 0L;
        });
    Caller<Long> slow = Caller.start(() -> shore.probe("a").act("slow"));
    inside.await();
    Caller<Long> waits = Caller.start(() -> shore.probe("a").act("add"));
    Caller.until(() -> shore.waiting("a") == 1);
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    go.countDown();
    assertThat(slow.get()).isZero();
    assertThat(waits.get()).isEqualTo(1);
    assertThat(late(0, 1, 1, "a")).isEqualTo(PartReply.FENCED);
  }

  @Test
  void callOnItsWayToTheHashedShard_ofAProcessThatIsPinned_isSentRound() throws Exception {
    use("a");
    Call late = shore.direct("a", "add");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    assertThat(shore.probe("a").look("get")).isEqualTo(1);
    assertThatThrownBy(() -> shore.shards.run(late)).isInstanceOf(Bounced.class);
  }

  @Test
  void endedPin_ofWhichTheLedgerDoesNotKnow_isWishedForAgain_andServesNobody() throws Exception {
    use("a");
    shore.pin(PIN, "a", Shore.SELF, 5, true);
    Caller.until(() -> !shore.takeIns.isEmpty());
    int before = shore.takeIns.size();
    shore.tick();
    assertThat(shore.takeIns).hasSizeGreaterThan(before);
    Caller<Long> waits = Caller.start(() -> shore.probe("a").act("add"));
    shore.unpinned();
    assertThat(waits.get()).isEqualTo(2);
  }

  @Test
  void processThatIsBeingLoaded_takesTheMemoryThatArrivedAlongIntoItsPin() throws Exception {
    use("a");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    unpin(5);
    StoreScript.Hold loads = shore.script.hold(MemoryStore.Operation.Loading.class);
    Caller<Long> first = Caller.start(() -> shore.probe("a").act("addMemory"));
    loads.awaitReached();
    shore.pin(PIN + 1, "a", Shore.SELF, 9, false);
    loads.open();
    assertThat(first.get()).isEqualTo(3);
    assertThat(memory("a")).isEqualTo(3);
  }

  @Test
  void processThatIsBeingLoaded_takesTheMemoryThatArrivedAlongOutOfItsPin() throws Exception {
    use("a");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    StoreScript.Hold loads = shore.script.hold(MemoryStore.Operation.Loading.class);
    Caller<Long> first = Caller.start(() -> shore.probe("a").act("addMemory"));
    loads.awaitReached();
    shore.pin(PIN, "a", Shore.SELF, 5, true);
    loads.open();
    assertThat(first.get()).isEqualTo(3);
    Caller.until(() -> !shore.takeIns.isEmpty());
    shore.unpinned();
    assertThat(memory("a")).isEqualTo(3);
  }

  @Test
  void pinLostToAnotherNode_isNotServedHere() throws Exception {
    use("a");
    shore.pin(PIN, "a", Shore.SELF, 5, false);
    use("a");
    shore.pin(PIN, "a", Shore.OTHER, 6, false);
    assertThat(shore.shards.tenure(PIN)).isInstanceOf(Tenure.Away.class);
    assertThat(shore.shards.near(0, new ProcessId("probe", "a"))).isNull();
    shore
        .store
        .claim(
            List.of(
                new Store.Claim(
                    PIN, 6, 1, Shore.OTHER, new Pinned(new ProcessId("probe", "a"), 0))))
        .join();
    assertThat(late(PIN, 5, 2, "a")).isEqualTo(PartReply.FENCED);
    shore.pin(PIN, "a", Shore.SELF, 7, false);
    assertThat(memory("a")).as("lost with the node").isZero();
    assertThat(shore.probe("a").look("get")).isEqualTo(2);
  }
}
