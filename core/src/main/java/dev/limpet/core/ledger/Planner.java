package dev.limpet.core.ledger;

import dev.limpet.core.ledger.Command.MoveWish;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Which planned moves the leader wishes for: shards come home, and drained nodes are emptied. Pure. */
public final class Planner {
  private Planner() {}

  /**
   * The next moves.
   *
   * @param serves whether a member is known to hold its lease: one that has just joined may be far behind
   * @param settled whether it has done so long enough to get its shards back, so that a node that comes and goes does not
   *     drag them to and fro
   * @param underWayMax how many moves may be under way at once, those already started included
   */
  public static List<MoveWish> moves(
      Placement view, Predicate<Member> serves, Predicate<Member> settled, int underWayMax) {
    List<MoveWish> wishes = new ArrayList<>();
    int room = underWayMax - (int) view.homes().stream().filter(s -> s.move() != null).count();
    Map<String, Member> open = new TreeMap<>();
    for (Member m : view.members().values()) {
      if (!view.drained().contains(m.name()) && serves.test(m)) {
        open.put(m.name(), m);
      }
    }
    Map<Long, Integer> load = Spread.load(view.homes(), open.values());
    List<Integer> numbers = new ArrayList<>();
    for (int s = 0; s < view.shards().size(); s++) {
      numbers.add(s);
    }
    // A pin that ends finds its way by itself.
    view.pins().all().stream().filter(p -> !p.ending()).forEach(p -> numbers.add(p.number()));
    for (int s : numbers) {
      ShardHome shard = view.at(s);
      if (shard == null || room <= 0) {
        break;
      }
      Member home = view.members().get(shard.home());
      if (home == null || shard.move() != null) {
        continue;
      }
      Member preferred = open.get(shard.preferred());
      long target = 0;
      boolean leaving = view.drained().contains(home.name());
      if (preferred != null && !preferred.equals(home) && (leaving || settled.test(preferred))) {
        target = preferred.registration();
      } else if (leaving && !load.isEmpty()) {
        target = Spread.lightest(load);
      }
      boolean held = s < view.shards().size() && view.takesIn(s);
      if (target != 0 && target != home.registration() && !held) {
        wishes.add(new MoveWish(s, target));
        load.computeIfPresent(home.registration(), (r, n) -> n - 1);
        load.merge(target, 1, Integer::sum);
        room--;
      }
    }
    return wishes;
  }
}
