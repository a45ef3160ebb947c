package dev.limpet.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.engine.memory.MemoryGroup;
import dev.limpet.engine.memory.MemoryGroup.Replica;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MemoryGroupTest {
  private final Set<String> cutOff = ConcurrentHashMap.newKeySet();
  private final MemoryGroup group =
      new MemoryGroup(
          List.of("a", "b", "c"), (from, to) -> !cutOff.contains(from) && !cutOff.contains(to));

  /** Tells of what it applies and of who leads. */
  private static final class Listing implements StateMachine {
    final BlockingQueue<String> applied = new LinkedBlockingQueue<>();
    final BlockingQueue<Leadership> beliefs = new LinkedBlockingQueue<>();

    @Override
    public Position open(Path directory, @Nullable Path checkpoint) {
      return Position.NONE;
    }

    @Override
    public byte[] apply(Position at, byte[] entry) {
      applied.add(at.term() + ":" + at.index() + " " + new String(entry, UTF_8));
      return entry;
    }

    @Override
    public void leadershipChanged(Leadership now) {
      beliefs.add(now);
    }

    @Override
    public void checkpoint(Path empty) {}

    @Override
    public Position install(Path checkpoint) {
      return Position.NONE;
    }

    @Override
    public void close() {}

    String next() throws InterruptedException {
      return String.valueOf(applied.poll(10, TimeUnit.SECONDS));
    }

    void awaitLeader(@Nullable String name) throws InterruptedException {
      Leadership belief;
      do {
        belief = beliefs.poll(10, TimeUnit.SECONDS);
        assertThat(belief).as("no belief in " + name + " came").isNotNull();
      } while (!java.util.Objects.equals(belief.leader(), name));
    }
  }

  private final Listing one = new Listing();
  private final Listing two = new Listing();
  private final Listing three = new Listing();

  private void change(Runnable what) {
    what.run();
    group.changed();
  }

  @Test
  void minority_electsNobody_andAMajorityItsFirst() throws Exception {
    Replica a = group.start("a", one);
    assertThat(a.leadership().leader()).isNull();
    assertThatThrownBy(() -> a.append("x".getBytes(UTF_8)).join())
        .hasCauseInstanceOf(NotLeaderException.class);
    Replica b = group.start("b", two);
    one.awaitLeader("a");
    two.awaitLeader("a");
    assertThat(b.leadership().self()).isFalse();
    assertThat(a.append("x".getBytes(UTF_8)).get().index()).isEqualTo(1);
    assertThat(one.next()).isEqualTo("1:1 x");
    assertThat(two.next()).isEqualTo("1:1 x");
  }

  @Test
  void leaderThatIsCutOff_believesInItself_andCommitsNothing() throws Exception {
    Replica a = startAll();
    change(() -> cutOff.add("a"));
    two.awaitLeader("b");
    assertThat(a.leadership().self()).isTrue();
    assertThatThrownBy(() -> a.append("lost".getBytes(UTF_8)).join())
        .hasCauseInstanceOf(LogException.class)
        .cause()
        .matches(e -> ((LogException) e).mayHaveRun());
    change(() -> cutOff.remove("a"));
    one.awaitLeader("b");
    assertThat(a.leadership().self()).isFalse();
  }

  @Test
  void replicaThatIsCutOff_hearsNothing_andCatchesUpAfterwards() throws Exception {
    Replica a = startAll();
    change(() -> cutOff.add("c"));
    three.awaitLeader(null);
    assertThat(a.append("x".getBytes(UTF_8)).get().index()).isEqualTo(1);
    assertThat(two.next()).isEqualTo("1:1 x");
    assertThat(three.applied).isEmpty();
    change(() -> cutOff.remove("c"));
    assertThat(three.next()).isEqualTo("1:1 x");
  }

  @Test
  void leaderThatIsClosed_isReplaced_andLearnsEverythingWhenItComesBack() throws Exception {
    Replica a = startAll();
    assertThat(a.append("x".getBytes(UTF_8)).get().index()).isEqualTo(1);
    a.close();
    two.awaitLeader("b");
    assertThatThrownBy(() -> a.append("y".getBytes(UTF_8)).join())
        .hasCauseInstanceOf(LogException.class);
    Listing anew = new Listing();
    Replica again = group.start("a", anew);
    anew.awaitLeader("b");
    assertThat(anew.next()).isEqualTo("1:1 x");
    assertThat(again.leadership().self()).isFalse();
  }

  private Replica startAll() throws IOException, InterruptedException {
    Replica a = group.start("a", one);
    Replica unused = group.start("b", two);
    unused = group.start("c", three);
    one.awaitLeader("a");
    two.awaitLeader("a");
    three.awaitLeader("a");
    return a;
  }
}
