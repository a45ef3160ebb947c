package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A wish to change the ledger. It is appended by anyone, decided by {@link LedgerState#apply} and by nobody else. */
public sealed interface Command {

  /**
   * The first entry of a cluster.
   *
   * @param hashKey the secret that keys are hashed with, 16 bytes
   * @param shards fixed for ever
   */
  record Form(String clusterId, byte[] hashKey, int shards) implements Command {}

  /**
   * A node asks to be a member. The index of the accepted entry is its registration (rule 1).
   *
   * @param boot differs for each start of a JVM; makes a repeated join harmless
   * @param storage names the data directory; lost with it
   * @param types what the node hosts, in a stable text
   * @param incarnation the process that asks
   * @param predecessor the registration that its view showed for its name while it held the lock of its data directory;
   *     0 if there was none. If that registration held the very same lock, its process has ended, and so does it, in
   *     this entry. It names one registration, so that a join that was under way when its sender died, and comes after
   *     that of the sender's successor, ends nothing.
   * @param roles what the node holds, sorted
   */
  record Join(
      String node,
      String boot,
      String storage,
      String clusterAddress,
      String httpAddress,
      String types,
      Incarnation incarnation,
      long predecessor,
      Set<String> roles)
      implements Command {
    public Join {
      roles = Collections.unmodifiableSet(new TreeSet<>(roles));
    }

    /** Without a role. */
    public Join(
        String node,
        String boot,
        String storage,
        String clusterAddress,
        String httpAddress,
        String types,
        Incarnation incarnation,
        long predecessor) {
      this(
          node,
          boot,
          storage,
          clusterAddress,
          httpAddress,
          types,
          incarnation,
          predecessor,
          new TreeSet<>());
    }

    /** Of a process that nobody can recognise. */
    public Join(
        String node,
        String boot,
        String storage,
        String clusterAddress,
        String httpAddress,
        String types) {
      this(node, boot, storage, clusterAddress, httpAddress, types, Incarnation.UNKNOWN, 0);
    }

    /** The same, after that registration. */
    public Join after(long registration) {
      return new Join(
          node,
          boot,
          storage,
          clusterAddress,
          httpAddress,
          types,
          incarnation,
          registration,
          roles);
    }

    /** The same, with these roles. */
    public Join holding(Set<String> held) {
      return new Join(
          node, boot, storage, clusterAddress, httpAddress, types, incarnation, predecessor, held);
    }

    /** Whether it says anything of roles: a cluster that has taken no such join knows nothing of them. */
    boolean knowsRoles() {
      return !roles.isEmpty() || HostedTypes.read(types).namesRoles();
    }
  }

  /** The renewals of several nodes, in one entry. */
  record Renew(List<Renewal> renewals) implements Command {
    public Renew {
      renewals = List.copyOf(renewals);
    }
  }

  /**
   * The leader found a member silent; void if a renewal with a higher sequence was applied before it.
   *
   * @param sequenceSeen the last renewal that the leader had seen applied
   */
  record Expire(String node, long registration, long sequenceSeen) implements Command {}

  /** A member leaves by itself; its turns are over. */
  record Leave(String node, long registration) implements Command {}

  /** Starts planned moves; each reserves the next epoch for its target. */
  record StartMoves(List<MoveWish> moves) implements Command {
    public StartMoves {
      moves = List.copyOf(moves);
    }
  }

  /** The source has renounced these shards for good and gives them to the reserved epochs (rule 15). */
  record Release(String node, long registration, List<Released> shards) implements Command {
    public Release {
      shards = List.copyOf(shards);
    }
  }

  /** Ends moves that were not released; only this lets the source serve again. */
  record AbortMoves(List<Released> moves) implements Command {
    public AbortMoves {
      moves = List.copyOf(moves);
    }
  }

  /** An operator wants the node empty. */
  record Drain(String node) implements Command {}

  /** Ends a drain. */
  record Undrain(String node) implements Command {}

  /** A node that is no member will never come back: its name is given up, with all that it preferred. */
  record Forget(String node) implements Command {}

  /** An operator wants a process to have a home of its own, on that node. */
  record Pin(ProcessId id, String node) implements Command {}

  /** An operator wants a process back in its hashed shard. */
  record Unpin(ProcessId id) implements Command {}

  /**
   * The home of an ending pin, which is the home of its hashed shard too, has ended the pin in the store and holds the
   * process ready for the hashed shard.
   *
   * @param shard the pin's number
   * @param epoch the pin's
   */
  record TakeIn(String node, long registration, int shard, long epoch) implements Command {}

  /**
   * One node's sign of life.
   *
   * @param sequence rises with each renewal of a registration, from 1
   * @param acknowledged the highest sequence whose acknowledgement the node has seen (rule 3)
   * @param reach what the node reaches; counts for the leader only, not when it is applied
   */
  record Renewal(String node, long registration, long sequence, long acknowledged, Reach reach) {
    /** Of a node that reaches all. */
    public Renewal(String node, long registration, long sequence, long acknowledged) {
      this(node, registration, sequence, acknowledged, Reach.ALL);
    }

    public Renewal reaching(Reach now) {
      return new Renewal(node, registration, sequence, acknowledged, now);
    }
  }

  /** A shard and the registration that shall become its home. */
  record MoveWish(int shard, long target) {}

  /**
   * A shard and the move, named by the ledger index of its start, that the source gave way to.
   *
   * @param image names what the source sent ahead of the memory of its processes; 0 if there was none to send
   */
  record Released(int shard, long move, long image) {
    /** Without memory. */
    public Released(int shard, long move) {
      this(shard, move, 0);
    }
  }
}
