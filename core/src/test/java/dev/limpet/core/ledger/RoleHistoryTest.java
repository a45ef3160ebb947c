package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ProcessId;
import dev.limpet.core.ledger.LedgerState.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Long seeded histories in which nodes come with any roles, and types name others after a stop of all. */
@Timeout(60)
class RoleHistoryTest {
  private static final int SEEDS = 100;
  private static final int COMMANDS = 400;
  private static final List<String> TYPES =
      List.of(
          "counter\nvideo (role a)",
          "counter\nvideo (role a)\nroom (role b)",
          "counter\nvideo (role b)\nroom (role b)",
          "counter (role a)\nvideo (role a)",
          "counter\nroom");

  private final Map<Long, Long> ownerOfEpoch = new HashMap<>();
  private final Map<String, ShardRange> rangeOf = new TreeMap<>();
  private final Set<Integer> numbersOfPins = new HashSet<>();

  private static Command any(Random random, Placement view, long index) {
    int kind = random.nextInt(10);
    if (kind < 3) {
      List<String> roles = new ArrayList<>(List.of("a", "b", "c"));
      Collections.shuffle(roles, random);
      String hosted =
          view.members().isEmpty() || random.nextInt(8) == 0
              ? TYPES.get(random.nextInt(TYPES.size()))
              : view.types().text();
      return Ledgers.joinOf(
          "n" + random.nextInt(6),
          "boot-" + random.nextInt(9),
          hosted,
          roles.subList(0, random.nextInt(4)).toArray(String[]::new));
    }
    if (kind == 3) {
      String type = random.nextBoolean() ? "video" : "room";
      return new Command.Pin(new ProcessId(type, "k" + random.nextInt(5)), "n" + random.nextInt(6));
    }
    return Ledgers.any(random, view, index);
  }

  /** Now and then everyone leaves, so that the types may change. */
  private static List<Command> some(Random random, Placement view, long index) {
    if (random.nextInt(60) != 0) {
      return List.of(any(random, view, index));
    }
    List<Command> leaves = new ArrayList<>();
    view.members().values().forEach(m -> leaves.add(new Command.Leave(m.name(), m.registration())));
    return leaves;
  }

  @Test
  void anyHistory_homesHoldTheirRole_andNothingIsLost() {
    int ranged = 0;
    int vacant = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Ledgers l = Ledgers.formed(1 + random.nextInt(24));
      ownerOfEpoch.clear();
      rangeOf.clear();
      numbersOfPins.clear();
      for (int i = 0; i < COMMANDS; i++) {
        Placement before = l.state.placement();
        for (Command command : some(random, before, l.state.index())) {
          Placement was = l.state.placement();
          l.apply(command);
          check("seed " + seed + ", entry " + l.state.index() + ": " + command, was, l);
        }
      }
      ranged += l.state.placement().ranges().all().size();
      vacant += l.state.placement().shards().stream().anyMatch(s -> s.home() == 0) ? 1 : 0;
    }
    assertThat(ranged).as("types with shards of their own").isGreaterThan(SEEDS);
    assertThat(vacant).as("histories that end with a vacant role").isPositive();
  }

  private void check(String at, Placement was, Ledgers l) {
    Placement now = l.state.placement();
    for (ShardRange r : now.ranges().all()) {
      ShardRange first = rangeOf.putIfAbsent(r.type(), r);
      assertThat(first == null || (first.first() == r.first() && first.count() == r.count()))
          .as("the range of a type never changes, " + at)
          .isTrue();
      assertThat(now.types().roleOf(r.type())).as(at).isEqualTo(r.role());
    }
    for (Pin p : now.pins().all()) {
      if (was.at(p.number()) == null) {
        assertThat(numbersOfPins.add(p.number())).as("used once, " + at).isTrue();
      }
    }
    assertThat(now.numbers()).as(at).doesNotHaveDuplicates();
    for (int s : now.numbers()) {
      ShardHome is = Objects.requireNonNull(now.at(s));
      Member home = now.homeOf(s);
      String role = now.roleOf(s);
      if (home == null) {
        assertThat(now.holding(role)).as("shard " + s + " has no home, " + at).isEmpty();
      } else {
        assertThat(home.holds(role)).as("shard " + s + " of role " + role + ", " + at).isTrue();
        assertThat(ownerOfEpoch.computeIfAbsent(is.epoch(), e -> is.home()))
            .as(at)
            .isEqualTo(is.home());
      }
      ShardHome.Move move = is.move();
      if (move != null) {
        assertThat(Objects.requireNonNull(now.members().get(move.target())).holds(role))
            .as(at)
            .isTrue();
      }
      ShardHome earlier = was.at(s);
      assertThat(earlier == null || is.epoch() >= earlier.epoch()).as(at).isTrue();
    }
    for (String type : List.of("counter", "video", "room")) {
      ProcessId id = new ProcessId(type, "k");
      ShardRange range = now.ranges().of(type);
      int hashed = now.hashedShardOf(id);
      assertThat(range == null ? hashed < now.commonShards() : range.contains(hashed))
          .as(at)
          .isTrue();
    }
  }

  @Test
  void settled_eachRangeIsEven_amongThoseThatHoldItsRole() {
    int checked = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Ledgers l = Ledgers.formed(8 + random.nextInt(40));
      for (int i = 0; i < 60; i++) {
        Placement before = l.state.placement();
        some(random, before, l.state.index()).forEach(l::apply);
      }
      // Moves of the history that nobody carried out, names that are away, and drains.
      Placement view = l.state.placement();
      view.numbers()
          .forEach(s -> {
            ShardHome at = Objects.requireNonNull(l.state.placement().at(s));
            if (at.move() != null) {
              l.release(s);
            }
          });
      view.drained().forEach(name -> l.apply(new Command.Undrain(name)));
      l.state.known().stream()
          .filter(name -> view.member(name) == null)
          .forEach(name -> l.apply(new Command.Forget(name)));
      l.settle();
      // A hashed shard stays where a pin ends.
      List.copyOf(l.state.placement().pins().ending()).forEach(l::takeIn);
      l.settle();
      for (ShardRange r : l.state.placement().ranges().all()) {
        Collection<Integer> counts = new ArrayList<>(l.homes(r.type()).values());
        int holders = l.state.placement().holding(r.role()).size();
        if (holders > 0) {
          checked++;
          int least = counts.size() < holders ? 0 : Collections.min(counts);
          assertThat(Collections.max(counts) - least)
              .as("seed " + seed + " " + r + " " + l.homes(r.type()))
              .isLessThanOrEqualTo(1);
        }
      }
    }
    assertThat(checked).isGreaterThan(SEEDS / 2);
  }

  @Test
  void image_behavesLikeWhatItWasTakenOf() {
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Ledgers l = Ledgers.formed(1 + random.nextInt(24));
      Ledgers copy = l;
      for (int i = 0; i < COMMANDS; i++) {
        if (i % 40 == 20) {
          copy = new Ledgers();
          copy.state = LedgerState.of(LedgerWire.decodeImage(LedgerWire.encode(l.state.image())));
        }
        for (Command command : some(random, l.state.placement(), l.state.index())) {
          assertThat(LedgerWire.decodeCommand(LedgerWire.encode(command))).isEqualTo(command);
          Result result = l.apply(command);
          if (copy != l) {
            assertThat(copy.apply(command)).as("seed " + seed + " " + command).isEqualTo(result);
            assertThat(LedgerWire.encode(copy.state.image()))
                .isEqualTo(LedgerWire.encode(l.state.image()));
          }
        }
      }
    }
  }
}
