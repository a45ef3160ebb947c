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
 * @param shards by number; the homes of pins are not among them, see {@link #at}
 * @param drained names that shall be empty
 * @param pins processes that have a home of their own
 */
public record Placement(
    long index,
    String clusterId,
    byte[] hashKey,
    String types,
    Map<Long, Member> members,
    List<ShardHome> shards,
    Set<String> drained,
    Pins pins) {

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

  /** Without pins. */
  public Placement(
      long index,
      String clusterId,
      byte[] hashKey,
      String types,
      Map<Long, Member> members,
      List<ShardHome> shards,
      Set<String> drained) {
    this(index, clusterId, hashKey, types, members, shards, drained, Pins.NONE);
  }

  public boolean formed() {
    return !clusterId.isEmpty();
  }

  /** Where a shard is at home, be it a hashed one or a pin's; null if there is no pin of that number any more. */
  public @Nullable ShardHome at(int shard) {
    if (shard < shards.size()) {
      return shards.get(shard);
    }
    Pin pin = pins.numbered(shard);
    return pin == null ? null : pin.at();
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
    Pin pin = pins.isEmpty() ? null : pins.of(id);
    return pin == null ? hashed : pin.number();
  }

  /** The shard that a process is hashed into: the same for ever. */
  public int hashedShardOf(ProcessId id) {
    return KeyHash.shard(hashKey, id.type(), id.key(), shards.size());
  }

  /** Whether a hashed shard must stay where it is, since its home is taking in a process whose pin ends. */
  public boolean takesIn(int hashed) {
    return pins.ending().stream()
        .anyMatch(p -> p.hashed() == hashed && p.at().home() == shards.get(hashed).home());
  }
}
