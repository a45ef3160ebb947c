package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import dev.limpet.core.ledger.Command.MoveWish;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.Command.Renewal;
import dev.limpet.core.ledger.LedgerState.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/** A ledger under test, with short ways to say things. */
final class Ledgers {
  LedgerState state = new LedgerState();

  static Ledgers formed(int shards) {
    Ledgers l = new Ledgers();
    l.apply(new Command.Form("c1", new byte[16], shards));
    return l;
  }

  Result apply(Command command) {
    return state.apply(state.index() + 1, command);
  }

  static Command.Join joinOf(String node, String boot) {
    return new Command.Join(node, boot, "disk-" + node, "127.0.0.1:1", "127.0.0.1:2", "counter");
  }

  long join(String node) {
    return ((Outcome.Joined) apply(joinOf(node, "boot-" + state.index())).outcome()).registration();
  }

  /** A join that names types, each by its title, and what the node holds. */
  static Command.Join joinOf(String node, String boot, String types, String... roles) {
    return new Command.Join(node, boot, "disk-" + node, "127.0.0.1:1", "127.0.0.1:2", types)
        .holding(new TreeSet<>(List.of(roles)));
  }

  long joinHosting(String types, String node, String... roles) {
    Command.Join join = joinOf(node, "boot-" + state.index(), types, roles);
    return ((Outcome.Joined) apply(join).outcome()).registration();
  }

  Outcome renew(String node, long registration, long sequence) {
    return apply(
            new Command.Renew(List.of(new Renewal(node, registration, sequence, sequence - 1))))
        .outcome();
  }

  Result expire(String node, long registration) {
    return apply(new Command.Expire(node, registration, state.sequenceOf(registration)));
  }

  Result move(int shard, long target) {
    return apply(new Command.StartMoves(List.of(new MoveWish(shard, target))));
  }

  Result release(int shard) {
    ShardHome s = shard(shard);
    Member home = java.util.Objects.requireNonNull(state.placement().members().get(s.home()));
    long move = s.move() == null ? 0 : s.move().id();
    return apply(
        new Command.Release(home.name(), home.registration(), List.of(new Released(shard, move))));
  }

  /** Carries out every move that the planner wishes for, until it wishes for none. */
  int settle() {
    int moves = 0;
    for (List<MoveWish> wishes = wishes(); !wishes.isEmpty(); wishes = wishes()) {
      apply(new Command.StartMoves(wishes));
      for (MoveWish w : wishes) {
        release(w.shard());
        moves++;
      }
      if (moves > 10_000) {
        throw new AssertionError("the planner never rests");
      }
    }
    return moves;
  }

  private List<MoveWish> wishes() {
    return Planner.moves(state.placement(), m -> true, m -> true, 4);
  }

  ShardHome shard(int s) {
    return java.util.Objects.requireNonNull(state.placement().at(s));
  }

  Result pin(String key, String node) {
    return apply(new Command.Pin(new ProcessId("counter", key), node));
  }

  Result unpin(String key) {
    return apply(new Command.Unpin(new ProcessId("counter", key)));
  }

  /** The home of this ending pin, if it is that of its hashed shard too, takes the process in. */
  Result takeIn(Pin pin) {
    Member home =
        java.util.Objects.requireNonNull(state.placement().members().get(pin.at().home()));
    return apply(
        new Command.TakeIn(home.name(), home.registration(), pin.number(), pin.at().epoch()));
  }

  Pin pinOf(String key) {
    return java.util.Objects.requireNonNull(
        state.placement().pins().of(new ProcessId("counter", key)));
  }

  Map<String, Integer> homes() {
    Map<String, Integer> homes = new TreeMap<>();
    state.placement().members().values().forEach(m -> homes.put(m.name(), 0));
    for (int s = 0; s < state.placement().commonShards(); s++) {
      Member home = state.placement().homeOf(s);
      homes.merge(home == null ? "nobody" : home.name(), 1, Integer::sum);
    }
    return homes;
  }

  ShardRange range(String type) {
    return java.util.Objects.requireNonNull(state.placement().ranges().of(type));
  }

  /** Who is home of how many shards of a type that has its own. */
  Map<String, Integer> homes(String type) {
    Map<String, Integer> homes = new TreeMap<>();
    ShardRange range = range(type);
    for (int s = range.first(); s < range.first() + range.count(); s++) {
      Member home = state.placement().homeOf(s);
      homes.merge(home == null ? "nobody" : home.name(), 1, Integer::sum);
    }
    return homes;
  }

  Map<String, Integer> preferred() {
    Map<String, Integer> counts = new TreeMap<>();
    state.placement().shards().forEach(s -> counts.merge(s.preferred(), 1, Integer::sum));
    return counts;
  }

  /** Any command, often one that makes sense now, sometimes a stale or a senseless one. */
  static Command any(Random random, Placement view, long index) {
    List<Member> members = new ArrayList<>(new TreeMap<>(view.members()).values());
    String name = "n" + random.nextInt(6);
    Member m = members.isEmpty() ? null : members.get(random.nextInt(members.size()));
    long registration =
        m == null || random.nextInt(8) == 0
            ? 1 + random.nextInt((int) index + 1)
            : m.registration();
    String node = m == null || random.nextInt(8) == 0 ? name : m.name();
    int shards = Math.max(1, view.shards().size());
    List<Pin> pins = List.copyOf(view.pins().all());
    Pin pin = pins.isEmpty() ? null : pins.get(random.nextInt(pins.size()));
    int shard = pin != null && random.nextInt(3) == 0 ? pin.number() : random.nextInt(shards + 1);
    ShardHome at = view.at(shard);
    ShardHome.Move move = at == null ? null : at.move();
    ProcessId id = new ProcessId("counter", "k" + random.nextInt(5));
    Released released =
        new Released(
            shard, move == null || random.nextInt(8) == 0 ? random.nextInt(50) : move.id());
    return switch (random.nextInt(20)) {
      case 0, 1 -> joinOf(name, "boot-" + random.nextInt(3));
      case 2 -> restart(random, name, registration);
      case 3, 4 ->
          new Command.Renew(
              List.of(new Renewal(node, registration, random.nextInt(200), random.nextInt(200))));
      case 5 -> new Command.Expire(node, registration, random.nextInt(200));
      case 6 -> new Command.Leave(node, registration);
      case 7, 8 ->
          new Command.StartMoves(
              List.of(
                  new MoveWish(shard, registration),
                  new MoveWish(
                      random.nextInt(shards),
                      members.isEmpty() ? 0 : members.getLast().registration())));
      case 9, 10 -> {
        Member home = view.homeOf(shard);
        yield home == null || random.nextInt(8) == 0
            ? new Command.Release(node, registration, List.of(released))
            : new Command.Release(home.name(), home.registration(), List.of(released));
      }
      case 11 -> new Command.AbortMoves(List.of(released));
      case 12 -> new Command.Drain(name);
      case 13, 14 -> new Command.Pin(id, random.nextInt(8) == 0 ? name : node);
      case 15 -> new Command.Unpin(id);
      case 16, 17 ->
          pin == null || random.nextInt(8) == 0
              ? new Command.TakeIn(node, registration, shard, random.nextInt(200))
              : new Command.TakeIn("", pin.at().home(), pin.number(), pin.at().epoch());
      case 18 -> new Command.Forget(name);
      default -> new Command.Undrain(name);
    };
  }

  /** With or without a lock that proves something, and with a predecessor that may be right. */
  private static Command.Join restart(Random random, String node, long predecessor) {
    Incarnation incarnation =
        new Incarnation(random.nextInt(4) == 0 ? "" : "lock-" + node, random.nextInt(9), 5);
    return new Command.Join(
        node,
        "boot-" + random.nextInt(9),
        "disk-" + node,
        "127.0.0.1:1",
        "127.0.0.1:2",
        "counter",
        incarnation,
        predecessor);
  }
}
