package dev.limpet.core.fence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.fence.Fence.ClaimDecision;
import dev.limpet.core.fence.Fence.PartDecision;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random claims and commits against a model that remembers everything that ever happened. */
class FenceModelTest {

  /** Every grant and every saved commit, for ever. */
  private static final class Model {
    private record Name(long epoch, long number) {}

    private record Saved(long epoch, long number, long sequence) {}

    private final Map<Name, Long> ownerOf = new HashMap<>();
    private final Set<Saved> saved = new HashSet<>();
    private Name top = new Name(0, 0);

    boolean claim(long epoch, long number, long owner) {
      boolean below = epoch < top.epoch || (epoch == top.epoch && number < top.number);
      boolean othersEpoch =
          ownerOf.keySet().stream().anyMatch(n -> n.epoch == epoch && ownerOf.get(n) != owner);
      if (below || othersEpoch) {
        return false;
      }
      top = new Name(epoch, number);
      ownerOf.put(top, owner);
      return true;
    }

    PartDecision part(long epoch, long number, long sequence) {
      if (!top.equals(new Name(epoch, number))) {
        return PartDecision.FENCED;
      }
      if (saved.contains(new Saved(epoch, number, sequence))) {
        return PartDecision.ALREADY_APPLIED;
      }
      if (sequence > 1 && !saved.contains(new Saved(epoch, number, sequence - 1))) {
        return PartDecision.GAP;
      }
      saved.add(new Saved(epoch, number, sequence));
      return PartDecision.ACCEPTED;
    }

    long lastSequence(long epoch, long number) {
      return saved.stream().filter(s -> s.epoch == epoch && s.number == number).count();
    }
  }

  @Test
  void fence_underRandomClaimsAndCommits_agreesWithAModelThatForgetsNothing() {
    long seed = System.nanoTime();
    for (int round = 0; round < 400; round++) {
      run(seed + round);
    }
  }

  private static void run(long seed) {
    Random random = new Random(seed);
    Model model = new Model();
    Fence fence = Fence.NONE;
    for (int step = 0; step < 200; step++) {
      long epoch = Math.max(1, fence.epoch() + random.nextInt(8) / 6 - random.nextInt(8) / 7);
      String where = "seed " + seed + " step " + step + " " + fence;
      if (random.nextInt(4) == 0) {
        long number = Math.max(1, fence.number() + random.nextInt(4) - 1);
        long owner = random.nextInt(6) == 0 ? 99 : epoch * 10;
        boolean expected = model.claim(epoch, number, owner);
        ClaimDecision decision = fence.claim(epoch, number, owner);
        assertThat(decision instanceof ClaimDecision.Granted).as(where).isEqualTo(expected);
        fence =
            switch (decision) {
              case ClaimDecision.Granted granted -> granted.next();
              case ClaimDecision.Refused refused -> refused.standing();
            };
      } else {
        long number =
            Math.max(0, fence.number() + random.nextInt(12) / 10 - random.nextInt(12) / 10);
        long sequence = Math.max(1, fence.lastSequence() + random.nextInt(4) - 1);
        PartDecision decision = fence.part(epoch, number, sequence);
        assertThat(decision).as(where).isEqualTo(model.part(epoch, number, sequence));
        if (decision == PartDecision.ACCEPTED) {
          fence = fence.accepted();
        }
      }
      check(fence, model, "seed " + seed + " after step " + step + " " + fence);
    }
  }

  private static void check(Fence fence, Model model, String where) {
    assertThat(fence.epoch()).as(where).isEqualTo(model.top.epoch());
    assertThat(fence.number()).as(where).isEqualTo(model.top.number());
    assertThat(fence.lastSequence())
        .as(where)
        .isEqualTo(model.lastSequence(fence.epoch(), fence.number()));
    for (Fence.Earlier e : fence.earlier()) {
      assertThat(e.lastSequence())
          .as(where)
          .isEqualTo(model.lastSequence(fence.epoch(), e.number()));
    }
    long stood =
        model.ownerOf.keySet().stream()
            .filter(n -> n.epoch() == fence.epoch() && n.number() < fence.number())
            .count();
    assertThat(fence.earlier()).as(where).hasSize((int) Math.min(stood, Fence.EARLIER_MAX));
    assertThat(fence.lastSequenceOf(fence.number())).as(where).isEqualTo(OptionalLong.empty());
  }
}
