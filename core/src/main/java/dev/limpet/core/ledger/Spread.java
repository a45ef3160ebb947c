package dev.limpet.core.ledger;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How shards are shared out: evenly, with as few changes as that takes, and always the same way. */
final class Spread {
  private Spread() {}

  /** How many shards each of these members is, or is about to become, home of. */
  static Map<Long, Integer> load(List<ShardHome> shards, Collection<Member> members) {
    Map<Long, Integer> load = new TreeMap<>();
    members.forEach(m -> load.put(m.registration(), 0));
    for (ShardHome shard : shards) {
      ShardHome.Move move = shard.move();
      load.computeIfPresent(move == null ? shard.home() : move.target(), (r, n) -> n + 1);
    }
    return load;
  }

  /** The registration with the fewest shards; of several the oldest. */
  static long lightest(Map<Long, Integer> load) {
    return load.entrySet().stream()
        .min(Map.Entry.<Long, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .orElseThrow()
        .getKey();
  }

  /** Lets a new name be preferred by its share of the shards, taken one by one from the name that has most. */
  static void prefer(ShardHome[] shards, Set<String> known, String newcomer) {
    Map<String, Integer> wanted = new TreeMap<>();
    known.forEach(name -> wanted.put(name, 0));
    for (ShardHome shard : shards) {
      wanted.computeIfPresent(shard.preferred(), (name, n) -> n + 1);
    }
    int share = shards.length / known.size();
    if (known.size() == 1) {
      for (int s = 0; s < shards.length; s++) {
        take(shards, wanted, s, newcomer);
      }
    }
    while (wanted.getOrDefault(newcomer, 0) < share) {
      String richest =
          wanted.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
      take(shards, wanted, lastOf(shards, richest), newcomer);
    }
  }

  /** Lets the shards that preferred a name prefer the others, each the one that is preferred least. */
  static void forget(ShardHome[] shards, Set<String> known, String gone) {
    Map<String, Integer> wanted = new TreeMap<>();
    known.forEach(name -> wanted.put(name, 0));
    for (ShardHome shard : shards) {
      wanted.computeIfPresent(shard.preferred(), (name, n) -> n + 1);
    }
    for (int s = 0; s < shards.length; s++) {
      if (shards[s].preferred().equals(gone)) {
        String poorest =
            wanted.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
        take(shards, wanted, s, poorest);
      }
    }
  }

  /** Lets shards prefer these names only, evenly, with as few changes as that takes; nobody, if there are none. */
  static void among(ShardHome[] shards, Set<String> names) {
    Map<String, Integer> wanted = new TreeMap<>();
    names.forEach(name -> wanted.put(name, 0));
    for (ShardHome shard : shards) {
      wanted.computeIfPresent(shard.preferred(), (name, n) -> n + 1);
    }
    for (int s = 0; s < shards.length; s++) {
      if (names.isEmpty()) {
        shards[s] = shards[s].prefer("");
      } else if (!names.contains(shards[s].preferred())) {
        String poorest =
            wanted.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
        take(shards, wanted, s, poorest);
      }
    }
    while (!names.isEmpty()) {
      Map.Entry<String, Integer> richest =
          wanted.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
      Map.Entry<String, Integer> poorest =
          wanted.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
      if (richest.getValue() - poorest.getValue() < 2) {
        return;
      }
      take(shards, wanted, lastOf(shards, richest.getKey()), poorest.getKey());
    }
  }

  /** The last shard that prefers a name, so that the early shards stay where they are. */
  private static int lastOf(ShardHome[] shards, String name) {
    int s = shards.length - 1;
    while (!shards[s].preferred().equals(name)) {
      s--;
    }
    return s;
  }

  private static void take(ShardHome[] shards, Map<String, Integer> wanted, int s, String by) {
    wanted.computeIfPresent(shards[s].preferred(), (name, n) -> n - 1);
    wanted.merge(by, 1, Integer::sum);
    shards[s] = shards[s].prefer(by);
  }
}
