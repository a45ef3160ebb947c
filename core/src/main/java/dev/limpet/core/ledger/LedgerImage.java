package dev.limpet.core.ledger;

import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A copy of all that {@link LedgerState} holds.
 *
 * @param shards the common ones
 * @param roles null in a cluster that no node with roles, or types with roles, ever joined
 */
public record LedgerImage(
    long index,
    String clusterId,
    byte[] hashKey,
    String types,
    long lastEpoch,
    List<Member> members,
    List<String> known,
    List<String> drained,
    List<ShardHome> shards,
    int lastPin,
    List<Pin> pins,
    @Nullable Roles roles) {
  /** Without roles. */
  public LedgerImage(
      long index,
      String clusterId,
      byte[] hashKey,
      String types,
      long lastEpoch,
      List<Member> members,
      List<String> known,
      List<String> drained,
      List<ShardHome> shards,
      int lastPin,
      List<Pin> pins) {
    this(
        index, clusterId, hashKey, types, lastEpoch, members, known, drained, shards, lastPin, pins,
        null);
  }

  /** The same, in a cluster that uses roles: members hold what their names held when they joined. */
  LedgerImage with(Roles known) {
    return new LedgerImage(
        index,
        clusterId,
        hashKey,
        types,
        lastEpoch,
        members.stream().map(m -> m.holding(known.of(m.name()))).toList(),
        this.known,
        drained,
        shards,
        lastPin,
        pins,
        known);
  }

  /**
   * What there is only since roles came into use.
   *
   * @param byName what each known node held when it last joined
   */
  record Roles(SortedMap<String, Set<String>> byName, ShardBook.Image ranges) {
    Set<String> of(String name) {
      return byName.getOrDefault(name, LedgerState.NO_ROLES);
    }
  }
}
