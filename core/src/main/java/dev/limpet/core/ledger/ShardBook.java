package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import dev.limpet.core.Invariant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The hashed shards that the ledger holds, by number: the common ones from 0, then the ranges of types that name a role.
 * Not thread-safe.
 */
final class ShardBook {
  private ShardHome[] common = new ShardHome[0];
  private final List<Ranged> ranged = new ArrayList<>();

  /** Of the types that were hosted without a role since roles came into use: their rows lie in the common shards. */
  private final TreeSet<String> commonTypes = new TreeSet<>();

  private boolean usesRoles;

  /** What {@link #ranges} gave out, until something changes. */
  private @Nullable Ranges copy = Ranges.NONE;

  private static final class Ranged {
    private ShardRange range;
    private final ShardHome[] homes;

    Ranged(ShardRange range, ShardHome[] homes) {
      this.range = range;
      this.homes = homes;
    }
  }

  /** What of the book there is only since roles came into use; {@code homes} are those of all ranges, one after another. */
  record Image(List<ShardRange> ranges, List<ShardHome> homes, List<String> commonTypes) {}

  void form(int shards) {
    common = homeless(shards);
  }

  private static ShardHome[] homeless(int count) {
    ShardHome[] homes = new ShardHome[count];
    Arrays.fill(homes, new ShardHome(0, 0, "", 0, null));
    return homes;
  }

  int commonCount() {
    return common.length;
  }

  /** The common shards themselves, for who lets them prefer other nodes. */
  ShardHome[] common() {
    return common;
  }

  boolean holds(int shard) {
    return shard < common.length || of(shard) != null;
  }

  ShardHome at(int shard) {
    return shard < common.length ? common[shard] : slice(shard).homes[shard - firstOf(shard)];
  }

  void put(int shard, ShardHome now) {
    if (shard < common.length) {
      common[shard] = now;
    } else {
      slice(shard).homes[shard - firstOf(shard)] = now;
    }
  }

  /** The first shard of those that a shard is shared out with: of its range, or 0 for a common one. */
  int firstOf(int shard) {
    return shard < common.length ? 0 : slice(shard).range.first();
  }

  /** The role that a home of that shard must hold; empty if any node will do. */
  String roleOf(int shard) {
    return shard < common.length ? "" : slice(shard).range.role();
  }

  private @Nullable Ranged of(int shard) {
    for (Ranged r : ranged) {
      if (r.range.contains(shard)) {
        return r;
      }
    }
    return null;
  }

  private Ranged slice(int shard) {
    return Invariant.present(of(shard), "a shard of that number exists");
  }

  Ranges ranges() {
    Ranges known = copy;
    if (known == null) {
      known = new Ranges(ranged.stream().map(r -> r.range).toList());
      copy = known;
    }
    return known;
  }

  /** In the order of {@link #homes}. */
  List<Integer> numbers() {
    List<Integer> numbers = new ArrayList<>();
    for (int s = 0; s < common.length; s++) {
      numbers.add(s);
    }
    for (Ranged r : ranged) {
      for (int i = 0; i < r.homes.length; i++) {
        numbers.add(r.range.first() + i);
      }
    }
    return numbers;
  }

  List<ShardHome> homes() {
    List<ShardHome> homes = new ArrayList<>(List.of(common));
    ranged.forEach(r -> homes.addAll(List.of(r.homes)));
    return homes;
  }

  int shardOf(byte[] hashKey, ProcessId id) {
    return Placement.hash(hashKey, id, common.length, ranges());
  }

  /**
   * Why the cluster cannot host these types, in words; null if it can.
   *
   * @param before what it hosted until now
   */
  @Nullable String objection(HostedTypes hosted, HostedTypes before) {
    int ranges = ranged.size();
    for (Map.Entry<String, String> type : hosted.roles().entrySet()) {
      if (type.getValue().isEmpty() || ranges().of(type.getKey()) != null) {
        continue;
      }
      boolean isCommon =
          usesRoles
              ? commonTypes.contains(type.getKey())
              : before.roles().containsKey(type.getKey());
      if (isCommon) {
        return "type "
            + type.getKey()
            + " was hosted without a role, and its processes are saved among those of all types; it"
            + " cannot be given the role "
            + type.getValue()
            + " any more: host it without one, or under a new name";
      }
      ranges++;
    }
    return ranges > ShardRange.RANGES_MAX
        ? "more than " + ShardRange.RANGES_MAX + " types have named a role"
        : null;
  }

  /** The cluster hosts these types from here on, as a node says that knows of roles; there is no objection. */
  void adopt(HostedTypes hosted, HostedTypes before, PinBook pins, List<Decision> decisions) {
    if (!usesRoles) {
      usesRoles = true;
      commonTypes.addAll(before.roles().keySet());
    }
    hosted
        .roles()
        .forEach((type, role) -> {
          if (ranges().of(type) == null) {
            if (role.isEmpty()) {
              commonTypes.add(type);
            } else {
              add(type, role, pins, decisions);
            }
          }
        });
    for (Ranged r : ranged) {
      String role = hosted.roleOf(r.range.type());
      if (!r.range.role().equals(role)) {
        r.range = r.range.forRole(role);
        copy = null;
        decisions.add(new Decision.RoleChanged(r.range.type(), role));
      }
    }
  }

  private void add(String type, String role, PinBook pins, List<Decision> decisions) {
    int count = ShardRange.countFor(common.length);
    ShardRange range = new ShardRange(type, role, pins.reserve(common.length, count), count);
    ranged.add(new Ranged(range, homeless(count)));
    copy = null;
    decisions.add(new Decision.Ranged(type, role, range.first(), count));
  }

  /** Whether a node that knows of roles has joined, ever. */
  boolean usesRoles() {
    return usesRoles;
  }

  /** Lets the shards of each range prefer those names that hold its role, evenly. */
  void prefer(Map<String, Set<String>> rolesByName) {
    for (Ranged r : ranged) {
      Set<String> fit = new TreeSet<>();
      rolesByName.forEach((name, roles) -> {
        if (r.range.role().isEmpty() || roles.contains(r.range.role())) {
          fit.add(name);
        }
      });
      Spread.among(r.homes, fit);
    }
  }

  @Nullable Image image() {
    if (!usesRoles) {
      return null;
    }
    List<ShardHome> homes = new ArrayList<>();
    ranged.forEach(r -> homes.addAll(List.of(r.homes)));
    return new Image(ranges().all(), homes, List.copyOf(commonTypes));
  }

  void restore(List<ShardHome> commonShards, @Nullable Image image) {
    common = commonShards.toArray(new ShardHome[0]);
    if (image != null) {
      usesRoles = true;
      commonTypes.addAll(image.commonTypes());
      int from = 0;
      for (ShardRange range : image.ranges()) {
        List<ShardHome> homes = image.homes().subList(from, from + range.count());
        ranged.add(new Ranged(range, homes.toArray(new ShardHome[0])));
        from += range.count();
      }
      copy = null;
    }
  }
}
