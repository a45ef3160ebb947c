package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.CellMisused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Hosting;
import dev.limpet.Limpet;
import dev.limpet.Memory;
import dev.limpet.ProcessContext;
import dev.limpet.ProcessFailed;
import dev.limpet.Reads;
import dev.limpet.Sticky;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a turn leaves behind: all of it, or nothing; values by copy; cells only inside turns. */
@Timeout(90)
class EffectsTest {

  @Test
  void turn_thatThrowsUndeclared_changesNothingAndNamesAnIncident() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      shore.probe("a").act("addMemory");
      shore.acts.on(
          "fail",
          p -> {
            p.saved.set(100L);
            p.saved.set(101L);
            p.memory.set(100L);
            p.text.set("x");
            throw new IllegalStateException("secret");
          });
      int before = shore.script.parts().size();

      Throwable e = catchThrowable(() -> shore.probe("a").act("fail"));

      assertThat(e).isInstanceOf(ProcessFailed.class).hasMessageContaining("Incident");
      assertThat(e.getMessage()).contains("IllegalStateException").doesNotContain("secret");
      TurnsTest.is(e, ErrorCode.PROCESS_FAILED, Executed.NO);
      assertThat(shore.script.parts()).as("nothing was committed").hasSize(before);
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
      assertThat(shore.probe("a").look("getMemory")).isEqualTo(1);
      assertThat(shore.acts.constructions).as("the process stays").hasValue(1);
    }
  }

  @Test
  void turn_thatThrowsAnError_changesNothing() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "fail",
          p -> {
            p.saved.set(100L);
            throw new StackOverflowError();
          });
      Throwable e = catchThrowable(() -> shore.probe("a").act("fail"));
      TurnsTest.is(e, ErrorCode.PROCESS_FAILED, Executed.NO);
      assertThat(shore.probe("a").look("get")).isZero();
    }
  }

  @Test
  void turn_thatThrowsDeclared_changesNothingAndArrivesAsItself() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "refuse",
          p -> {
            p.saved.set(100L);
            p.memory.set(100L);
            throw new Refused("not covered");
          });
      assertThatThrownBy(() -> shore.probe("a").act("refuse"))
          .isExactlyInstanceOf(Refused.class)
          .hasMessage("not covered");
      assertThat(shore.script.parts()).isEmpty();
      assertThat(shore.probe("a").look("get")).isZero();
      assertThat(shore.probe("a").look("getMemory")).isZero();
    }
  }

  @Test
  void reads_thatWritesASavedCell_isRefusedAndChangesNothing() throws Exception {
    try (Shore shore = new Shore()) {
      assertThatThrownBy(() -> shore.probe("a").look("add"))
          .isInstanceOf(CellMisused.class)
          .hasMessageContaining("@Reads");
      assertThat(shore.probe("a").look("get")).isZero();
      assertThat(shore.script.parts()).isEmpty();
    }
  }

  @Test
  void reads_thatWritesAMemoryCell_isRefusedAndChangesNothing() throws Exception {
    try (Shore shore = new Shore()) {
      assertThatThrownBy(() -> shore.probe("a").look("addMemory"))
          .isInstanceOf(CellMisused.class)
          .hasMessageContaining("@Reads");
      assertThat(shore.probe("a").look("getMemory")).isZero();
    }
  }

  @Test
  void reads_thatCatchesTheRefusalOfItsWrite_stillChangesNothing() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "sneak",
          p -> {
            assertThat(catchThrowable(() -> p.saved.set(5L))).isInstanceOf(CellMisused.class);
            return p.saved.get();
          });
      assertThat(shore.probe("a").look("sneak")).isZero();
      assertThat(shore.script.parts()).isEmpty();
    }
  }

  @Test
  void cell_touchedOutsideATurn_isMisused() throws Exception {
    AtomicReference<ProbeProcess> leaked = new AtomicReference<>();
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "leak",
          p -> {
            leaked.set(p);
            return 0;
          });
      shore.probe("a").act("leak");
      assertThatThrownBy(() -> leaked.get().saved.get()).isInstanceOf(CellMisused.class);
      assertThatThrownBy(() -> leaked.get().saved.set(1L)).isInstanceOf(CellMisused.class);
      assertThatThrownBy(() -> leaked.get().memory.set(1L)).isInstanceOf(CellMisused.class);
      assertThat(shore.probe("a").look("get")).isZero();
    }
  }

  @Test
  void cell_touchedFromAnotherThreadThanTheTurns_isMisused() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "elsewhere",
          p -> {
            Throwable e = Caller.start(() -> catchThrowable(() -> p.saved.set(5L))).get();
            assertThat(e).isInstanceOf(CellMisused.class);
            return p.saved.get();
          });
      assertThat(shore.probe("a").act("elsewhere")).isZero();
    }
  }

  @Test
  void cell_setByTheConstructor_failsTheActivation() {
    try (Shore shore = new Shore()) {
      shore.acts.construction =
          p -> {
            p.saved.set(1L);
            return 0;
          };
      assertThatThrownBy(() -> shore.probe("a").look("get"))
          .isInstanceOf(ProcessFailed.class)
          .hasMessageContaining("set by the constructor");
      assertThat(shore.script.parts()).isEmpty();
    }
  }

  @Test
  void cell_readByTheConstructor_isAlreadyLoaded() throws Exception {
    try (Shore shore = new Shore()) {
      shore.probe("a").act("add");
      AtomicReference<Long> seen = new AtomicReference<>();
      shore.acts.construction =
          p -> {
            seen.set(p.saved.get());
            return 0;
          };
      shore.clock.advance(Hosting.Options.DEFAULT.idleAfter());
      shore.probe("a").look("get");
      assertThat(seen).hasValue(1L);
    }
  }

  @Test
  void cell_declaredTwice_failsTheActivation() {
    try (Shore shore = new Shore()) {
      shore.acts.construction =
          p -> {
            Memory<Long> twin = p.self.memory("saved", Long.class, 0L);
            return twin.get();
          };
      assertThatThrownBy(() -> shore.probe("a").look("get"))
          .isInstanceOf(ProcessFailed.class)
          .hasMessageContaining("declared twice");
    }
  }

  @Test
  void cell_declaredInATurn_isMisused() {
    try (Shore shore = new Shore()) {
      shore.acts.on("declare", p -> p.self.durable("late", Long.class, 0L).get());
      assertThatThrownBy(() -> shore.probe("a").act("declare")).isInstanceOf(CellMisused.class);
    }
  }

  @Test
  void state_ofMoreThanOneMegabyte_isRefusedAndNothingChanges() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "grow",
          p -> {
            p.saved.set(5L);
            p.memory.set(5L);
            p.text.set("x".repeat(1 << 20));
            return 0;
          });
      Throwable e = catchThrowable(() -> shore.probe("a").act("grow"));
      TurnsTest.is(e, ErrorCode.STATE_TOO_LARGE, Executed.NO);
      assertThat(e).hasMessageContaining("text").hasMessageContaining("Split");
      assertThat(shore.probe("a").look("get")).isZero();
      assertThat(shore.probe("a").look("getMemory")).isZero();
      assertThat(shore.script.parts()).isEmpty();
      assertThat(shore.probe("a").act("add")).as("the process goes on").isEqualTo(1);
    }
  }

  @Test
  void manyLargeCells_changedInOneTurn_areRefusedAndTheShardGoesOn() throws Exception {
    try (Limpet limpet = Limpet.local().host(Heap.class, HeapProcess::new).start()) {
      Heap heap = limpet.get(Heap.class, "a");
      Throwable e = catchThrowable(() -> heap.fill(8));
      TurnsTest.is(e, ErrorCode.STATE_TOO_LARGE, Executed.NO);
      assertThat(heap.sizes()).containsOnly(0);
      heap.fill(1);
      assertThat(heap.sizes()).startsWith(HeapProcess.LARGE, 0);
    }
  }

  @Sticky("heap")
  interface Heap {
    void fill(int cells);

    @Reads
    List<Integer> sizes();
  }

  static final class HeapProcess implements Heap {
    static final int LARGE = 1_000_000;
    private final List<dev.limpet.Durable<String>> cells = new ArrayList<>();

    HeapProcess(ProcessContext self) {
      for (int i = 0; i < 8; i++) {
        cells.add(self.durable("c" + i, String.class, ""));
      }
    }

    @Override
    public void fill(int count) {
      for (int i = 0; i < count; i++) {
        cells.get(i).set("x".repeat(LARGE));
      }
    }

    @Override
    public List<Integer> sizes() {
      return cells.stream().map(c -> c.get().length()).toList();
    }
  }

  // By copy.

  record Names(List<String> all) {}

  @Sticky("names")
  interface Roll {
    List<String> add(List<String> names);

    @Reads
    List<String> list();

    @Reads
    int given();
  }

  static final class RollProcess implements Roll {
    private final Memory<Names> names;
    private final List<String> own = new ArrayList<>();
    private List<String> given = List.of();

    RollProcess(ProcessContext self) {
      names = self.memory("names", Names.class, new Names(List.of()));
    }

    @Override
    public List<String> add(List<String> more) {
      given = more;
      own.addAll(more);
      names.set(new Names(own));
      own.add("after");
      return own;
    }

    @Override
    public List<String> list() {
      return names.get().all();
    }

    @Override
    public int given() {
      return given.size();
    }
  }

  @Test
  void argument_changedByTheCallerAfterwards_isNotChangedForTheProcess() {
    try (Limpet limpet = Limpet.local().host(Roll.class, RollProcess::new).start()) {
      List<String> mine = new ArrayList<>(List.of("a"));
      limpet.get(Roll.class, "r").add(mine);
      mine.add("b");
      assertThat(limpet.get(Roll.class, "r").given()).isEqualTo(1);
    }
  }

  @Test
  void cell_givenAMutableList_keepsWhatItWas() {
    try (Limpet limpet = Limpet.local().host(Roll.class, RollProcess::new).start()) {
      limpet.get(Roll.class, "r").add(List.of("a"));
      assertThat(limpet.get(Roll.class, "r").list()).containsExactly("a");
    }
  }

  @Test
  void result_changedByTheProcessAfterwards_isNotChangedForTheCaller() {
    try (Limpet limpet = Limpet.local().host(Roll.class, RollProcess::new).start()) {
      List<String> first = limpet.get(Roll.class, "r").add(List.of("a"));
      limpet.get(Roll.class, "r").add(List.of("b"));
      assertThat(first).containsExactly("a", "after");
    }
  }
}
