package dev.limpet.engine.memory;

import dev.limpet.engine.Applied;
import dev.limpet.engine.Leadership;
import dev.limpet.engine.LogException;
import dev.limpet.engine.NotLeaderException;
import dev.limpet.engine.Position;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.engine.StateMachine;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A replicated log whose replicas live in one JVM, over a network that the caller describes: for clusters in tests.
 * Thread-safe; each replica applies on a thread of its own.
 */
/*
 * What is committed stands in one list, the disks of a majority: it outlives every replica. Reachability is looked at, not
 * suffered: a leader that reaches no majority commits nothing, and another is chosen as soon as one can be. So there is
 * no entry that some replicas have and others will never get, and no election that takes time; what remains is what the
 * users of a log have to bear: replicas that lag, leaders that do not know that they are none, answers that do not come.
 */
public final class MemoryGroup {
  private static final System.Logger LOG = System.getLogger(MemoryGroup.class.getName());
  private static final int ENTRY_BYTES_MAX = 4 << 20;

  private final List<String> voters;
  private final BiPredicate<String, String> reaches;

  // Guarded by this.
  private final List<Entry> committed = new ArrayList<>();
  private final Map<String, Replica> running = new TreeMap<>();
  private long term;
  private @Nullable String leader;

  private record Entry(long term, byte[] bytes) {}

  /**
   * A group without a running replica.
   *
   * @param voters the names of all replicas; a majority of them commits
   * @param reaches whether what the first sends gets to the second, just now; asked again after {@link #changed}; fast, and
   *     calls nothing of this group
   */
  public MemoryGroup(List<String> voters, BiPredicate<String, String> reaches) {
    this.voters = List.copyOf(voters);
    this.reaches = reaches;
  }

  /**
   * Starts a voter's replica, which learns all that is committed.
   *
   * @param machine in its first state; closed with the replica
   */
  public synchronized Replica start(String voter, StateMachine machine) throws IOException {
    if (!voters.contains(voter) || running.containsKey(voter)) {
      throw new IllegalArgumentException(voter + " is no voter, or runs already");
    }
    Replica replica = new Replica(voter, machine, machine.open(Path.of("."), null).index());
    running.put(voter, replica);
    changed();
    replica.thread.start();
    return replica;
  }

  /** Who reaches whom has changed. */
  public synchronized void changed() {
    if (leader == null || !reachesMajority(leader)) {
      String before = leader;
      leader = running.keySet().stream().filter(this::reachesMajority).findFirst().orElse(null);
      if (leader != null && !leader.equals(before)) {
        term++;
      }
    }
    running.values().forEach(Replica::look);
    notifyAll();
  }

  private boolean linked(String one, String other) {
    return one.equals(other) || (reaches.test(one, other) && reaches.test(other, one));
  }

  private boolean reachesMajority(String name) {
    long reached =
        running.containsKey(name)
            ? running.keySet().stream().filter(other -> linked(name, other)).count()
            : 0;
    return 2 * reached > voters.size();
  }

  /** One voter's replica. */
  public final class Replica implements ReplicatedLog, AutoCloseable {
    private final String name;
    private final StateMachine machine;
    private final Thread thread;
    private volatile long applied;
    private volatile Leadership leadership = Leadership.UNKNOWN;

    // Guarded by the group.
    private final Map<Long, CompletableFuture<Applied>> waiting = new HashMap<>();
    private boolean closed;
    private long believedTerm;
    private @Nullable String believedLeader;

    private Replica(String name, StateMachine machine, long applied) {
      this.name = name;
      this.machine = machine;
      this.applied = applied;
      this.thread = Thread.ofVirtual().name("limpet-memory-group-" + name).unstarted(this::run);
    }

    /** Takes what can be seen from here of who leads. */
    private void look() {
      if (leader != null && linked(leader, name)) {
        believedTerm = term;
        believedLeader = leader;
      } else if (!name.equals(believedLeader)) {
        believedLeader = null;
      }
    }

    private boolean hears() {
      return leader != null && linked(leader, name);
    }

    private Leadership belief() {
      boolean self = name.equals(believedLeader);
      return new Leadership(
          believedTerm, believedLeader, self && (leadership.self() || applied == committed.size()));
    }

    private void run() {
      try {
        while (true) {
          Leadership now;
          Entry next = null;
          synchronized (MemoryGroup.this) {
            while (!closed
                && leadership.equals(belief())
                && !(hears() && applied < committed.size())) {
              MemoryGroup.this.wait();
            }
            if (closed) {
              return;
            }
            now = belief();
            if (hears() && applied < committed.size()) {
              next = committed.get((int) applied);
            }
          }
          if (!now.equals(leadership)) {
            leadership = now;
            machine.leadershipChanged(now);
          }
          if (next != null) {
            apply(next);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "the state machine of " + name + " broke; its replica ends", e);
        close();
      }
    }

    private void apply(Entry entry) {
      long index = applied + 1;
      byte[] reply = machine.apply(new Position(entry.term, index), entry.bytes);
      applied = index;
      CompletableFuture<Applied> answer;
      synchronized (MemoryGroup.this) {
        answer = waiting.remove(index);
      }
      if (answer != null) {
        answer.complete(new Applied(index, reply));
      }
    }

    @Override
    public CompletableFuture<Applied> append(byte[] entry) {
      if (entry.length > ENTRY_BYTES_MAX) {
        throw new IllegalArgumentException(
            entry.length + " bytes are too many; an entry has at most " + ENTRY_BYTES_MAX);
      }
      synchronized (MemoryGroup.this) {
        if (closed) {
          return CompletableFuture.failedFuture(new LogException("the replica is closed", false));
        }
        if (!leadership.self()) {
          return CompletableFuture.failedFuture(new NotLeaderException(leadership.leader()));
        }
        if (!name.equals(leader)) {
          return CompletableFuture.failedFuture(
              new LogException("no majority has answered the leader " + name, true));
        }
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        committed.add(new Entry(term, entry));
        waiting.put((long) committed.size(), answer);
        MemoryGroup.this.notifyAll();
        return answer;
      }
    }

    @Override
    public Leadership leadership() {
      return leadership;
    }

    @Override
    public long appliedIndex() {
      return applied;
    }

    @Override
    public int entryBytesMax() {
      return ENTRY_BYTES_MAX;
    }

    /** Ends this replica at once; what is committed stays. */
    @Override
    public void close() {
      List<CompletableFuture<Applied>> unanswered;
      synchronized (MemoryGroup.this) {
        if (closed) {
          return;
        }
        closed = true;
        unanswered = List.copyOf(waiting.values());
        waiting.clear();
        running.remove(name);
        changed();
      }
      LogException lost = new LogException("the replica was closed", true);
      unanswered.forEach(u -> u.completeExceptionally(lost));
      try {
        machine.close();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "a state machine could not be closed", e);
      }
    }
  }
}
