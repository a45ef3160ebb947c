package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as of one ledger index: a view. Immutable, and safe to hand to any thread.
 *
 * @param index the last entry that it contains; entries that changed nothing here may have followed
 * @param members by registration
 * @param shards the hashed ones in the order of their numbers: the common ones, then those of the ranges; the homes of
 *     pins are not among them, see {@link #at}
 * @param drained names that shall be empty
 * @param pins processes that have a home of their own
 * @param ranges types that have shards of their own
 */
public record Placement(
    long index,
    String clusterId,
    byte[] hashKey,
    HostedTypes types,
    Map<Long, Member> members,
    List<ShardHome> shards,
    Set<String> drained,
    Pins pins,
    Ranges ranges) {

  /** Before the first entry. */
  public static final Placement EMPTY =
      new Placement(0, "", new byte[0], "", new TreeMap<>(), List.of(), new TreeSet<>());

  public Placement {
    // Sorted: who walks them (the planner does) must find the same order on every node and in every
    // replay.
    members = Collections.unmodifiableMap(new TreeMap<>(members));
    shards = List.copyOf(shards);
    drained = Collections.unmodifiableSet(new TreeSet<>(drained));
  }

  /** Without pins and ranges. */
  public Placement(
      long index,
      String clusterId,
      byte[] hashKey,
      String types,
      Map<Long, Member> members,
      List<ShardHome> shards,
      Set<String> drained) {
    this(
        index,
        clusterId,
        hashKey,
        HostedTypes.read(types),
        members,
        shards,
        drained,
        Pins.NONE,
        Ranges.NONE);
  }

  public boolean formed() {
    return !clusterId.isEmpty();
  }

  /** Where a shard is at home, be it a hashed one or a pin's; null if there is no pin of that number any more. */
  public @Nullable ShardHome at(int shard) {
    int common = commonShards();
    if (shard < common) {
      return shards.get(shard);
    }
    int index = ranges.indexOf(shard);
    if (index >= 0) {
      return shards.get(common + index);
    }
    Pin pin = pins.numbered(shard);
    return pin == null ? null : pin.at();
  }

  /** How many shards the types share that have none of their own; they are numbered from 0. */
  public int commonShards() {
    return shards.size() - ranges.shards();
  }

  /** The numbers of the hashed shards, in the order of {@link #shards}. */
  public List<Integer> hashedNumbers() {
    List<Integer> numbers = new ArrayList<>(shards.size());
    for (int s = 0; s < commonShards(); s++) {
      numbers.add(s);
    }
    for (ShardRange range : ranges.all()) {
      for (int s = range.first(); s < range.first() + range.count(); s++) {
        numbers.add(s);
      }
    }
    return numbers;
  }

  /** The numbers of all shards: the hashed ones, then the pins'. */
  public List<Integer> numbers() {
    List<Integer> numbers = hashedNumbers();
    pins.all().forEach(p -> numbers.add(p.number()));
    return numbers;
  }

  /** The role that a home of that shard must hold; empty if any member will do. */
  public String roleOf(int shard) {
    ShardRange range = rangeOf(shard);
    return range == null ? "" : range.role();
  }

  /** The range that a shard belongs to, a pin's with the one that its process is hashed into; null for the common ones. */
  private @Nullable ShardRange rangeOf(int shard) {
    if (ranges.isEmpty()) {
      return null;
    }
    Pin pin = pins.numbered(shard);
    return ranges.holding(pin == null ? shard : pin.hashed());
  }

  /** The first shard of those that a shard is shared out with: of its range, or 0 for the common ones. */
  int firstOf(int shard) {
    ShardRange range = rangeOf(shard);
    return range == null ? 0 : range.first();
  }

  /** The members that hold a role, in the order of their registrations; all, if it is the empty one. */
  public List<Member> holding(String role) {
    return members.values().stream().filter(m -> m.holds(role)).toList();
  }

  /** Where all shards are at home, the pins' too. */
  public List<ShardHome> homes() {
    List<ShardHome> all = new ArrayList<>(shards);
    pins.all().forEach(p -> all.add(p.at()));
    return all;
  }

  /** The member that is a shard's home, or null while it has none. */
  public @Nullable Member homeOf(int shard) {
    ShardHome at = at(shard);
    return at == null ? null : members.get(at.home());
  }

  /**
   * Whether a reply of a shard's home at that epoch is to be believed: not when that epoch was ended by an expiry
   * (rule 17).
   *
   * @param by the registration that gave it: decides if the shard was a pin's that has ended since
   */
  public boolean believes(int shard, long epoch, long by) {
    ShardHome at = at(shard);
    return at == null ? members.containsKey(by) : epoch > at.expiredThrough();
  }

  /** The member of that name. */
  public @Nullable Member member(String name) {
    for (Member m : members.values()) {
      if (m.name().equals(name)) {
        return m;
      }
    }
    return null;
  }

  /** The shard that a process belongs to: its pin's, or the one it is hashed into. */
  public int shardOf(ProcessId id) {
    Pin pin = pins.of(id);
    return pin == null ? hashedShardOf(id) : pin.number();
  }

  /** The same, for who has hashed it before. */
  public int shardOf(ProcessId id, int hashed) {
    Pin pin = pins.of(id);
    return pin == null ? hashed : pin.number();
  }

  /**
   * The shard that a process is hashed into: the same for ever, once the cluster hosts its type. Before, the type may yet
   * get shards of its own.
   */
  public int hashedShardOf(ProcessId id) {
    return hash(hashKey, id, commonShards(), ranges);
  }

  static int hash(byte[] hashKey, ProcessId id, int common, Ranges ranges) {
    ShardRange range = ranges.of(id.type());
    return range == null
        ? KeyHash.shard(hashKey, id.type(), id.key(), common)
        : range.first() + KeyHash.shard(hashKey, id.type(), id.key(), range.count());
  }

  /**
   * Whether a registration that wants to leave would take memory along: it is the home of a shard that another member
   * could host, or a shard is on its way to it, with what its processes have in memory perhaps there already.
   * Not so where nobody else could host it: when all leave at once, none waits for another.
   */
  public boolean hasToGive(long registration) {
    return numbers().stream()
        .anyMatch(s -> {
          ShardHome at = at(s);
          return at != null
              && (at.home() == registration
                  || (at.move() != null && at.move().target() == registration))
              && holding(roleOf(s)).stream()
                  .anyMatch(m -> m.registration() != registration && !drained().contains(m.name()));
        });
  }

  /** Whether a hashed shard must stay where it is, since its home is taking in a process whose pin ends. */
  public boolean takesIn(int hashed) {
    return pins.ending().stream()
        .anyMatch(p -> {
          ShardHome at = at(hashed);
          return p.hashed() == hashed && at != null && p.at().home() == at.home();
        });
  }
}
