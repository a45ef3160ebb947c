package dev.limpet.core.ledger;

import dev.limpet.core.ledger.Decision.Cause;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one entry of the ledger decided, in one line for people: decisions of a kind that concern many shards are counted
 * together, the others are told one by one.
 */
public final class Summary {
  private static final int SHARDS_NAMED_MAX = 8;

  private Summary() {}

  /** One line; {@link Decision#describe} if there is only one decision. */
  public static String of(List<Decision> decisions) {
    Map<String, Group> groups = new LinkedHashMap<>();
    List<String> parts = new ArrayList<>();
    for (Decision d : decisions) {
      String kind = kind(d);
      Group group = groups.get(kind);
      if (group == null || kind.isEmpty()) {
        group = new Group(kind, d);
        groups.put(kind.isEmpty() ? "#" + groups.size() : kind, group);
      }
      group.add(d);
    }
    groups.values().forEach(g -> parts.add(g.text()));
    return String.join("; ", parts);
  }

  /** The words that decisions which are told together begin with; empty for one that is told by itself. */
  private static String kind(Decision d) {
    if (d instanceof Decision.Homed h) {
      return switch (h.cause()) {
        case Cause.FIRST -> "shards that had no home got one: ";
        case Cause.SPREAD -> "shards whose home is gone were spread: ";
        case Cause.MOVED -> "shards were released: ";
        case Cause.PINNED -> "pins began: ";
      };
    }
    if (d instanceof Decision.MoveStarted) {
      return "moves started: ";
    }
    if (d instanceof Decision.MoveAborted) {
      return "moves aborted: ";
    }
    return d instanceof Decision.Orphaned ? "shards without a home: " : "";
  }

  /** Where the shard of such a decision goes, in words. */
  private static String direction(Decision d) {
    if (d instanceof Decision.Homed h) {
      return " to " + h.node();
    }
    return d instanceof Decision.MoveStarted m ? " from " + m.from() + " to " + m.to() : "";
  }

  private static int shard(Decision d) {
    if (d instanceof Decision.Homed h) {
      return h.shard();
    }
    if (d instanceof Decision.MoveStarted m) {
      return m.shard();
    }
    if (d instanceof Decision.MoveAborted m) {
      return m.shard();
    }
    return d instanceof Decision.Orphaned o ? o.shard() : -1;
  }

  private static final class Group {
    private final String kind;
    private final Decision first;
    private final Map<String, List<Integer>> byDirection = new TreeMap<>();
    private int count;

    Group(String kind, Decision first) {
      this.kind = kind;
      this.first = first;
    }

    void add(Decision d) {
      count++;
      byDirection.computeIfAbsent(direction(d), unused -> new ArrayList<>()).add(shard(d));
    }

    String text() {
      if (count == 1) {
        return first.describe();
      }
      List<String> parts = new ArrayList<>();
      byDirection.forEach((direction, shards) -> parts.add(shards(shards) + direction));
      return kind + String.join(", ", parts);
    }

    private static String shards(List<Integer> shards) {
      shards.sort(Integer::compare);
      if (shards.size() > SHARDS_NAMED_MAX) {
        return String.valueOf(shards.size());
      }
      String names = String.join(" ", shards.stream().map(String::valueOf).toList());
      return shards.size() + " (" + names + ")";
    }
  }
}
