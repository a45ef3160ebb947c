package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.CellMisused;
import dev.limpet.Limpet;
import dev.limpet.Memory;
import dev.limpet.ProcessContext;
import dev.limpet.Sticky;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A turn that calls a process of the same node has that one's turn on its own thread; neither sees the other's changes. */
@Timeout(90)
class NestedTurnsTest {

  @Test
  void changes_ofTheOuterTurn_stand_thoughTheInnerOneIsUndone() throws Exception {
    try (Shore shore = new Shore()) {
      shore
          .acts
          .on(
              "outer",
              p -> {
                p.saved.set(1L);
                assertThatThrownBy(() -> p.other("b").act("inner")).isInstanceOf(Refused.class);
                p.memory.set(2L);
                return 0;
              })
          .on(
              "inner",
              p -> {
                p.saved.set(10L);
                p.memory.set(20L);
                throw new Refused("undone");
              });
      assertThat(shore.probe("b").look("get")).as("it is in memory").isZero();
      shore.probe("a").act("outer");
      assertThat(shore.probe("a").look("get")).isEqualTo(1);
      assertThat(shore.probe("a").look("getMemory")).isEqualTo(2);
      assertThat(shore.probe("b").look("get")).isZero();
      assertThat(shore.probe("b").look("getMemory")).isZero();
    }
  }

  @Test
  void changes_ofTheInnerTurn_stand_thoughTheOuterOneIsUndone() throws Exception {
    try (Shore shore = new Shore()) {
      shore
          .acts
          .on(
              "outer",
              p -> {
                p.saved.set(1L);
                p.other("b").act("inner");
                p.memory.set(2L);
                throw new Refused("undone");
              })
          .on(
              "inner",
              p -> {
                p.saved.set(10L);
                p.memory.set(20L);
                return 0;
              });
      assertThatThrownBy(() -> shore.probe("a").act("outer")).isInstanceOf(Refused.class);
      assertThat(shore.probe("a").look("get")).isZero();
      assertThat(shore.probe("a").look("getMemory")).isZero();
      assertThat(shore.probe("b").look("get")).isEqualTo(10);
      assertThat(shore.probe("b").look("getMemory")).isEqualTo(20);
    }
  }

  @Test
  void cell_ofTheOuterProcess_isNotToBeTouchedInTheInnerTurn() throws Exception {
    AtomicReference<ProbeProcess> outer = new AtomicReference<>();
    try (Shore shore = new Shore()) {
      shore
          .acts
          .on(
              "outer",
              p -> {
                outer.set(p);
                p.other("b").act("inner");
                return p.saved.get();
              })
          .on(
              "inner",
              p -> {
                assertThatThrownBy(() -> outer.get().saved.set(5L)).isInstanceOf(CellMisused.class);
                return 0;
              });
      assertThat(shore.probe("a").act("outer")).isZero();
    }
  }

  @Test
  void cell_isNotToBeDeclaredInATurnThatAConstructorCalls() throws Exception {
    try (Shore shore = new Shore()) {
      shore.acts.on(
          "declare",
          p -> {
            assertThatThrownBy(() -> p.self.durable("late", Long.class, 0L))
                .isInstanceOf(CellMisused.class);
            p.saved.set(4L);
            return 0;
          });
      assertThat(shore.probe("b").look("get")).isZero();
      shore.acts.construction = p -> p.other("b").act("declare");
      assertThat(shore.probe("a").look("get")).isZero();
      assertThat(shore.probe("b").look("get")).isEqualTo(4);
    }
  }

  @Sticky("row")
  interface Row {
    long sum(long add, boolean fails);
  }

  private static final class RowProcess implements Row {
    private final List<Memory<Long>> cells = new ArrayList<>();

    RowProcess(ProcessContext self) {
      IntStream.range(0, 100).forEach(i -> cells.add(self.memory("c" + i, Long.class, 0L)));
    }

    @Override
    public long sum(long add, boolean fails) {
      for (Memory<Long> cell : cells) {
        cell.set(cell.get() + add);
        cell.set(cell.get() + add);
      }
      if (fails) {
        throw new IllegalStateException("undone");
      }
      return cells.stream().mapToLong(Memory::get).sum();
    }
  }

  @Test
  void turn_thatChangesManyCells_isKeptOrUndoneAsAWhole() {
    try (Limpet limpet = Limpet.local().host(Row.class, RowProcess::new).start()) {
      Row row = limpet.get(Row.class, "r");
      assertThat(row.sum(1, false)).isEqualTo(200);
      assertThatThrownBy(() -> row.sum(5, true)).hasMessageContaining("the state is unchanged");
      assertThat(row.sum(1, false)).isEqualTo(400);
    }
  }
}
