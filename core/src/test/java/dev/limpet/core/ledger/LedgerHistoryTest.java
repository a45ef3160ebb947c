package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.ledger.LedgerState.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long seeded histories of any commands, sensible, stale and senseless. */
@Timeout(60)
class LedgerHistoryTest {
  private static final int SEEDS = 150;
  private static final int COMMANDS = 400;

  @Test
  void anyHistory_epochsOnlyRise_andNoTwoHomesEverShareOne() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Ledgers l = Ledgers.formed(1 + random.nextInt(12));
      Map<Long, String> owners = new HashMap<>();
      Set<Integer> pinNumbers = new HashSet<>();
      for (int i = 0; i < COMMANDS; i++) {
        Placement before = l.state.placement();
        Command command = Ledgers.any(random, before, l.state.index());
        l.apply(command);
        Placement now = l.state.placement();
        String at = "seed " + seed + ", entry " + l.state.index() + ": " + command;
        List<Integer> numbers = new ArrayList<>();
        for (int s = 0; s < now.shards().size(); s++) {
          numbers.add(s);
        }
        for (Pin p : now.pins().all()) {
          assertThat(now.shardOf(p.id())).as(at).isEqualTo(p.number());
          if (before.at(p.number()) == null) {
            assertThat(pinNumbers.add(p.number())).as("used once, " + at).isTrue();
          } else {
            numbers.add(p.number());
          }
          ShardHome hashed = now.shards().get(p.hashed());
          boolean apart = p.at().home() != hashed.home();
          assertThat(p.ending() && apart && p.at().move() == null && hashed.move() == null)
              .as("an ending pin stays away, " + at)
              .isFalse();
        }
        for (int s : numbers) {
          ShardHome was = Objects.requireNonNull(before.at(s));
          ShardHome is = Objects.requireNonNull(now.at(s));
          boolean sameHome = was.home() == is.home() || is.home() == 0;
          assertThat(is.epoch() == was.epoch()).as(at).isEqualTo(sameHome);
          assertThat(is.epoch()).as(at).isGreaterThanOrEqualTo(was.epoch());
          assertThat(is.expiredThrough()).as(at).isBetween(was.expiredThrough(), is.epoch());
          assertThat(is.home() == 0).as(at).isEqualTo(now.members().isEmpty());
          assertThat(is.home() == 0 || now.members().containsKey(is.home())).as(at).isTrue();
          if (is.home() != 0) {
            String owner = owners.computeIfAbsent(is.epoch(), e -> is.home() + "");
            assertThat(owner).as(at).isEqualTo(is.home() + "");
          }
          ShardHome.Move move = is.move();
          if (move != null) {
            assertThat(now.members()).as(at).containsKey(move.target());
            assertThat(move.target()).as(at).isNotEqualTo(is.home());
            assertThat(move.epoch()).as(at).isGreaterThan(is.epoch());
          }
        }
        assertThat(now.members().values().stream().map(Member::name))
            .as(at)
            .doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void image_behavesLikeWhatItWasTakenOf() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Ledgers l = Ledgers.formed(1 + random.nextInt(12));
      Ledgers copy = l;
      for (int i = 0; i < COMMANDS; i++) {
        if (i % 40 == 20) {
          copy = new Ledgers();
          copy.state = LedgerState.of(LedgerWire.decodeImage(LedgerWire.encode(l.state.image())));
        }
        Command command = Ledgers.any(random, l.state.placement(), l.state.index());
        Result result = l.apply(command);
        if (copy != l) {
          assertThat(copy.apply(command)).as("seed " + seed + " " + command).isEqualTo(result);
          assertThat(LedgerWire.encode(copy.state.image()))
              .isEqualTo(LedgerWire.encode(l.state.image()));
        }
      }
    }
  }

  @Test
  void image_ofNothing_isNothing() {
    LedgerState state =
        LedgerState.of(LedgerWire.decodeImage(LedgerWire.encode(new LedgerState().image())));
    assertThat(state.placement().formed()).isFalse();
    assertThat(state.index()).isZero();
  }
}
