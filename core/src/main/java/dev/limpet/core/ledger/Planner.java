package dev.limpet.core.ledger;

import dev.limpet.core.ledger.Command.MoveWish;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;

/** Which planned moves the leader wishes for: shards come home, and drained nodes are emptied. Pure. */
public final class Planner {
  private Planner() {}

  /** The next moves, where all shards cost the same. */
  public static List<MoveWish> moves(
      Placement view, Predicate<Member> serves, Predicate<Member> settled, int underWayMax) {
    return moves(view, serves, settled, shard -> 0, underWayMax);
  }

  /**
   * The next moves: those that cost least first.
   *
   * @param serves whether a member is known to hold its lease: one that has just joined may be far behind
   * @param settled whether it has done so long enough to get its shards back, so that a node that comes and goes does not
   *     drag them to and fro
   * @param cost what it costs to move a shard or a pin, by its number; 0 if it is idle
   * @param underWayMax how many moves may be under way at once, those already started included
   */
  public static List<MoveWish> moves(
      Placement view,
      Predicate<Member> serves,
      Predicate<Member> settled,
      IntUnaryOperator cost,
      int underWayMax) {
    List<MoveWish> wishes = new ArrayList<>();
    int room = underWayMax - (int) view.homes().stream().filter(s -> s.move() != null).count();
    Map<String, Member> open = new TreeMap<>();
    for (Member m : view.members().values()) {
      if (!view.drained().contains(m.name()) && serves.test(m)) {
        open.put(m.name(), m);
      }
    }
    List<Integer> numbers = new ArrayList<>(view.hashedNumbers());
    // A pin that ends finds its way by itself.
    view.pins().all().stream().filter(p -> !p.ending()).forEach(p -> numbers.add(p.number()));
    // Mostly nothing is to move, and then nothing more is looked at.
    numbers.removeIf(s -> stays(view, s));
    Map<Integer, Integer> costs = new HashMap<>();
    numbers.forEach(s -> costs.put(s, cost.applyAsInt(s)));
    numbers.sort(Comparator.comparing(costs::get));
    Map<Integer, Map<Long, Integer>> loads = new HashMap<>();
    for (int s : numbers) {
      ShardHome shard = view.at(s);
      if (shard == null || room <= 0) {
        break;
      }
      Member home = view.members().get(shard.home());
      if (home == null) {
        continue;
      }
      String role = view.roleOf(s);
      Map<Long, Integer> load =
          loads.computeIfAbsent(view.firstOf(s), first -> load(view, first, open.values()));
      Member preferred = open.get(shard.preferred());
      long target = 0;
      boolean leaving = view.drained().contains(home.name());
      if (preferred != null
          && preferred.holds(role)
          && !preferred.equals(home)
          && (leaving || settled.test(preferred))) {
        target = preferred.registration();
      } else if (leaving && !load.isEmpty()) {
        target = Spread.lightest(load);
      }
      boolean held = view.takesIn(s);
      if (target != 0 && target != home.registration() && !held) {
        wishes.add(new MoveWish(s, target));
        load.computeIfPresent(home.registration(), (r, n) -> n - 1);
        load.merge(target, 1, Integer::sum);
        room--;
      }
    }
    return wishes;
  }

  /** Whether a shard is where it prefers to be, has no home, or moves already. */
  private static boolean stays(Placement view, int number) {
    ShardHome shard = view.at(number);
    Member home = shard == null ? null : view.members().get(shard.home());
    return shard == null
        || home == null
        || shard.move() != null
        || (home.name().equals(shard.preferred()) && !view.drained().contains(home.name()));
  }

  /** How many shards of the range that begins there each open member has that may host them. */
  private static Map<Long, Integer> load(Placement view, int first, Collection<Member> open) {
    List<ShardHome> homes = new ArrayList<>();
    for (int s : view.numbers()) {
      ShardHome at = view.at(s);
      if (at != null && view.firstOf(s) == first) {
        homes.add(at);
      }
    }
    String role = view.roleOf(first);
    return Spread.load(homes, open.stream().filter(m -> m.holds(role)).toList());
  }
}
