package dev.limpet.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The table of waiting calls. */
class CallsTest {
  @Test
  void randomAddsAndRemoves_agreeWithAMap() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Calls calls = new Calls(1000);
    Map<Long, Call> model = new HashMap<>();
    long highest = 0;
    for (int i = 0; i < 100_000; i++) {
      if (random.nextInt(100) < 52) {
        Call call = new Call.Promised(0);
        long id = calls.add(call);
        if (model.size() == 1000) {
          assertThat(id).isEqualTo(Calls.FULL);
        } else {
          assertThat(id).isGreaterThan(highest);
          highest = id;
          model.put(id, call);
        }
      } else {
        long id = random.nextLong(highest + 2);
        assertThat(calls.remove(id)).isSameAs(model.remove(id));
      }
      assertThat(calls.size()).isEqualTo(model.size());
    }
    assertThat(calls.close()).containsExactlyInAnyOrderElementsOf(model.values());
    assertThat(calls.add(new Call.Promised(0))).isEqualTo(Calls.CLOSED);
  }

  @Test
  void removeExpired_removesThoseAndOnlyThose() {
    Calls calls = new Calls(1000);
    for (int i = 0; i < 100; i++) {
      calls.add(new Call.Promised(i));
    }
    assertThat(calls.removeExpired(49)).hasSize(50).allMatch(call -> call.deadlineNanos <= 49);
    assertThat(calls.removeExpired(49)).isEmpty();
    assertThat(calls.size()).isEqualTo(50);
  }
}
