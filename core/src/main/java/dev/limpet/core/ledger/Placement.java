package dev.limpet.core.ledger;

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
 * @param shards by number
 * @param drained names that shall be empty
 */
public record Placement(
    long index,
    String clusterId,
    byte[] hashKey,
    String types,
    Map<Long, Member> members,
    List<ShardHome> shards,
    Set<String> drained) {

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

  public boolean formed() {
    return !clusterId.isEmpty();
  }

  /** The member that is a shard's home, or null while it has none. */
  public @Nullable Member homeOf(int shard) {
    return members.get(shards.get(shard).home());
  }

  /**
   * Whether a reply of a shard's home at that epoch is to be believed: not when that epoch was ended by an expiry
   * (rule 17).
   */
  public boolean believes(int shard, long epoch) {
    return epoch > shards.get(shard).expiredThrough();
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

  /** The shard of a process. */
  public int shardOf(dev.limpet.ProcessId id) {
    return KeyHash.shard(hashKey, id.type(), id.key(), shards.size());
  }
}
