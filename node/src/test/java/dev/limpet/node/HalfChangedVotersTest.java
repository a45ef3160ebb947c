package dev.limpet.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.Limpet;
import dev.limpet.Unavailable;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.cluster.VoterDuties;
import dev.limpet.node.door.Door;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A voter that was away for long is replaced in one of the two groups, comes back, and the leader dies before the other. */
@Timeout(120)
class HalfChangedVotersTest {
  private static final Duration LEASE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int KEYS = 20;

  @TempDir Path directory;

  private final List<String> addresses = Trio.freeAddresses(4);
  private final Map<String, Limpet> nodes = new TreeMap<>();
  private final HalfWay halfWay = new HalfWay();

  /** Lets the voters of one group be changed, whichever comes first, and not those of the other. */
  private static final class HalfWay {
    private final AtomicReference<@Nullable String> first = new AtomicReference<>();
    private final CountDownLatch done = new CountDownLatch(1);

    private interface Step {
      CompletableFuture<Boolean> change(List<Voter> from, List<Voter> to);
    }

    private CompletableFuture<Boolean> change(
        String group, Step step, List<Voter> from, List<Voter> to) {
      if (!first.compareAndSet(null, group) && !group.equals(first.get())) {
        return CompletableFuture.completedFuture(false);
      }
      return step.change(from, to)
          .whenComplete((changed, failure) -> {
            if (Boolean.TRUE.equals(changed)) {
              done.countDown();
            }
          });
    }

    VoterDuties.Groups between(VoterDuties.Groups real) {
      return new VoterDuties.Groups() {
        @Override
        public boolean led() {
          return real.led();
        }

        @Override
        public @Nullable List<Voter> ledger() {
          return real.ledger();
        }

        @Override
        public @Nullable List<Voter> store() {
          return real.store();
        }

        @Override
        public CompletableFuture<Boolean> changeLedger(List<Voter> from, List<Voter> to) {
          return change("ledger", real::changeLedger, from, to);
        }

        @Override
        public CompletableFuture<Boolean> changeStore(List<Voter> from, List<Voter> to) {
          return change("store", real::changeStore, from, to);
        }

        @Override
        public CompletableFuture<?> seat(Voter voter) {
          return real.seat(voter);
        }
      };
    }
  }

  private Limpet start(String node) {
    int number = Integer.parseInt(node.substring(1));
    return new ClusteredNode(
            SteppedNode.settings(
                node,
                directory.resolve(node),
                addresses.get(number),
                addresses.subList(0, 3),
                LEASE),
            Seams.NONE.withGroups(halfWay::between))
        .start();
  }

  private void startAll(List<String> names) throws Exception {
    Map<String, Caller<Limpet>> starting = new TreeMap<>();
    names.forEach(name -> starting.put(name, Caller.start(() -> start(name))));
    for (String name : names) {
      nodes.put(name, starting.get(name).get());
    }
  }

  private void stop(String node) {
    Limpet stopped = nodes.remove(node);
    assertThat(stopped).as(node).isNotNull();
    stopped.close();
  }

  private interface ProbeCall {
    long on(Probe probe) throws Refused;
  }

  /** What a probe answers as soon as the node that is asked holds its lease: until then nothing runs. */
  private static long answer(Limpet through, String key, ProbeCall call) {
    AtomicLong answer = new AtomicLong();
    Caller.until(() -> {
      try {
        answer.set(call.on(through.ref(Probe.class, key).withDeadline(PATIENCE).get()));
        return true;
      } catch (Unavailable e) {
        return false;
      } catch (Refused e) {
        throw new IllegalStateException(e);
      }
    });
    return answer.get();
  }

  @Test
  void voterThatComesBack_whileItIsReplaced_countsUntilTheOtherGroupIsChanged_soNothingIsOut()
      throws Exception {
    try {
      startAll(List.of("n0", "n1", "n2"));
      startAll(List.of("n3"));
      for (int k = 0; k < KEYS; k++) {
        assertThat(nodes.get("n3").get(Probe.class, "k" + k).act("add")).isEqualTo(1);
      }
      Door door = (Door) nodes.get("n3");
      Caller.until(() -> door.cluster().leader() != null);
      String leader = String.valueOf(door.cluster().leader());
      String away = leader.equals("n2") ? "n1" : "n2";
      stop(away);
      assertThat(halfWay.done.await(60, TimeUnit.SECONDS)).as("one group changed").isTrue();
      startAll(List.of(away));
      // Of the voters of either group one is gone now.
      stop(String.valueOf(door.cluster().leader()));
      for (int k = 0; k < KEYS; k++) {
        String key = "k" + k;
        for (Limpet through : nodes.values()) {
          assertThat(answer(through, key, probe -> probe.look("get"))).as(key).isEqualTo(1);
        }
        assertThat(answer(nodes.get(away), key, probe -> probe.act("add"))).as(key).isEqualTo(2);
      }
    } finally {
      nodes.values().parallelStream().forEach(Limpet::close);
    }
  }
}
