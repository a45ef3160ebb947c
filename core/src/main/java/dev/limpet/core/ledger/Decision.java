package dev.limpet.core.ledger;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/** One change that the ledger made, in the order of the log: what {@code watch} prints and tests wait for. */
public sealed interface Decision {
  record Formed(String clusterId, int shards) implements Decision {}

  /**
   * A node is a member.
   *
   * @param roles what it holds, sorted
   */
  record Joined(String node, long registration, Set<String> roles) implements Decision {
    public Joined {
      roles = Collections.unmodifiableSet(new TreeSet<>(roles));
    }

    /** Without a role. */
    public Joined(String node, long registration) {
      this(node, registration, new TreeSet<>());
    }
  }

  /** A type that names a role has shards of its own. */
  record Ranged(String type, String role, int first, int count) implements Decision {}

  /** A type that has shards of its own names another role; empty for none. */
  record RoleChanged(String type, String role) implements Decision {}

  /** The node's lease is over; from here on nothing of that registration counts. */
  record Expired(String node, long registration) implements Decision {}

  record Left(String node, long registration) implements Decision {}

  /** A shard has a home. */
  record Homed(int shard, String node, long registration, long epoch, Cause cause)
      implements Decision {}

  /** A shard has no home: no member is left that may host it. */
  record Orphaned(int shard, long epoch) implements Decision {}

  record MoveStarted(int shard, String from, String to, long move, long epoch)
      implements Decision {}

  record MoveAborted(int shard, long move) implements Decision {}

  record Drained(String node) implements Decision {}

  record Undrained(String node) implements Decision {}

  /** The name is given up; its shards prefer others now. */
  record Forgotten(String node) implements Decision {}

  /** A process has a home of its own, under the number of a shard. */
  record Pinned(int shard, String type, String key, String preferred) implements Decision {}

  /** A process goes back to the shard that it is hashed into. */
  record PinEnding(int shard, String type, String key, int hashed) implements Decision {}

  /** A process belongs to the shard again that it is hashed into. */
  record Unpinned(int shard, String type, String key, int hashed) implements Decision {}

  /** Why a shard has the home it has. */
  enum Cause {
    /** It had none. */
    FIRST,
    /** Its former home died or left. */
    SPREAD,
    /** Its former home released it. */
    MOVED,
    /** It is a pin's, and begins where its process is. */
    PINNED
  }

  /** One line for people. */
  default String describe() {
    return switch (this) {
      case Formed d -> "cluster " + d.clusterId + " formed with " + d.shards + " shards";
      case Joined d -> "node " + d.node + " joined as registration " + d.registration + held(d);
      case Ranged d ->
          "type %s has shards %d to %d of its own, on nodes with the role %s"
              .formatted(d.type, d.first, d.first + d.count - 1, d.role);
      case RoleChanged d ->
          "type "
              + d.type
              + " is hosted by "
              + (d.role.isEmpty() ? "any node" : "nodes with the role " + d.role)
              + " from here on";
      case Expired d -> "node " + d.node + " expired (registration " + d.registration + ")";
      case Left d -> "node " + d.node + " left (registration " + d.registration + ")";
      case Homed d ->
          "shard "
              + d.shard
              + " is at home on "
              + d.node
              + " since epoch "
              + d.epoch
              + why(d.cause);
      case Orphaned d -> "shard " + d.shard + " has no home (epoch " + d.epoch + " ended)";
      case MoveStarted d ->
          "shard " + d.shard + " moves from " + d.from + " to " + d.to + " (move " + d.move + ")";
      case MoveAborted d -> "shard " + d.shard + " stays: move " + d.move + " was aborted";
      case Drained d -> "node " + d.node + " is being drained";
      case Forgotten d -> "node " + d.node + " is forgotten";
      case Undrained d -> "node " + d.node + " takes part again";
      case Pinned d ->
          d.type + "/" + d.key + " is pinned to " + d.preferred + ", as shard " + d.shard;
      case PinEnding d ->
          "%s/%s is being unpinned: shard %d goes back into shard %d"
              .formatted(d.type, d.key, d.shard, d.hashed);
      case Unpinned d -> d.type + "/" + d.key + " is unpinned, and in shard " + d.hashed + " again";
    };
  }

  private static String held(Joined d) {
    return switch (d.roles.size()) {
      case 0 -> "";
      case 1 -> " with the role " + d.roles.iterator().next();
      default -> " with the roles " + String.join(", ", d.roles);
    };
  }

  private static String why(Cause cause) {
    return switch (cause) {
      case FIRST -> " (it had none)";
      case SPREAD -> " (its home is gone)";
      case MOVED -> " (released)";
      case PINNED -> " (pinned)";
    };
  }
}
