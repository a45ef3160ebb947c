package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.ProcessId;
import dev.limpet.StartFailed;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.lease.Times;
import dev.limpet.engine.LogException;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.ledger.ratis.LogTuning;
import dev.limpet.ledger.ratis.RatisConfig;
import dev.limpet.ledger.ratis.RatisConfig.PeerTls;
import dev.limpet.ledger.ratis.RatisHost;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.DataDirectory;
import dev.limpet.node.cluster.FeedServer;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.node.cluster.LedgerReplica;
import dev.limpet.node.cluster.ReachWatch;
import dev.limpet.node.cluster.VoterDuties;
import dev.limpet.node.cluster.Voters;
import dev.limpet.store.embedded.EmbeddedStore;
import dev.limpet.store.embedded.LocalReads;
import dev.limpet.store.embedded.RocksStateMachine;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.Tls;
import dev.limpet.transport.Transport;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This node's replicas of the two logs, while it holds any: as one of the first nodes, or because it was made a voter
 * later. Thread-safe.
 */
/*
 * How a node becomes a voter while it runs. The ledger's leader asks it (FrameKind.SEAT); it starts empty replicas that
 * know no voters, and answers. They are sent everything, and added to the voters once they have caught up. Until then,
 * and whenever they do not take part (no leader known, removed), the node goes on by the feed of the others, so nothing
 * hangs on the moment of the change. If this node crashes in between, the feed shows it among the voters after its next
 * start, and it takes its seat by itself.
 *
 * What the others do not count they may end: a replica that was being added when the leader that added it lost its place
 * believes that it votes, stands for election, and is told to shut down. Then the node gives its seat up, and takes it
 * again when it is asked, or, if it votes as far as it knows, by itself after a while. One that is ended over and over
 * has a cause that does not pass, and the node halts.
 */
final class Seat implements AutoCloseable {
  static final String LEDGER = "ledger";
  static final String STORE = "store";
  private static final System.Logger LOG = System.getLogger(Seat.class.getName());
  private static final long SEAT_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final int ENDED_MAX = 6;
  private static final long ENDED_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STEADY_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String clusterId;
  private final Voter self;
  private final Path directory;
  private final Times times;
  private final LogTuning tuning;
  private final Transport transport;
  private final @Nullable Tls tls;
  private final Consumer<Throwable> onFatal;

  private volatile @Nullable Held held;

  // Guarded by this.
  private Consumer<Held> onTaken = h -> {};
  private Runnable onLeft = () -> {};
  private boolean closed;
  private long taken; // how often; the hosts are told apart by it
  private long takenNanos;
  private int ended; // how often, one soon after the other

  /** The replicas, running. */
  record Held(RatisHost engine, LedgerReplica replica, LocalReads reads, FeedServer feed) {
    ReplicatedLog log(String group) {
      return engine.log(group);
    }
  }

  Seat(
      String clusterId,
      String node,
      String address,
      DataDirectory data,
      Times times,
      LogTuning tuning,
      Transport transport,
      @Nullable Tls tls,
      Consumer<Throwable> onFatal) {
    this.clusterId = clusterId;
    this.self = new Voter(node, data.storage(), address);
    this.directory = data.path().resolve("log");
    this.times = times;
    this.tuning = tuning;
    this.transport = transport;
    this.tls = tls;
    this.onFatal = onFatal;
  }

  /** The replicas, if there are any, whether or not they take part. */
  @Nullable Held held() {
    return held;
  }

  /** The replica of a group if it takes part: it votes and knows a leader. */
  @Nullable ReplicatedLog takingPart(String group) {
    Held now = held;
    return now != null && now.engine.takesPart(group) ? now.log(group) : null;
  }

  /** What the store's replica here can be asked; null without one. */
  NearestReads.@Nullable Own reads(Voters known) {
    Held now = held;
    return now == null
        ? null
        : new NearestReads.Own() {
          @Override
          public boolean has(long atLeast) {
            return now.reads.has(atLeast);
          }

          @Override
          public boolean first() {
            return now.log(STORE).leadership().self() || known.all().size() == 1;
          }

          @Override
          public boolean takesPart() {
            return takingPart(STORE) != null;
          }

          @Override
          public CompletableFuture<Map<String, byte[]>> load(
              int shard, ProcessId id, long atLeast) {
            return now.reads.load(shard, id, atLeast);
          }
        };
  }

  /**
   * Done when what this node reads from has the store as of an index. One whose replica takes no part reads those of
   * others, and it may be long before its own gets there, if it ever does: it was started to be a voter, and is not yet.
   */
  CompletableFuture<Long> reached(long storeIndex, Duration within) {
    Held now = held;
    return now == null || takingPart(STORE) == null
        ? CompletableFuture.completedFuture(storeIndex)
        : now.reads.reached(storeIndex, within);
  }

  /** Asks the store for an empty commit, and what this node reads from whether it has it. */
  ReachWatch.StoreProbe probe(EmbeddedStore store, Duration within) {
    return new ReachWatch.StoreProbe() {
      @Override
      public CompletableFuture<Long> commit() {
        return store.writeNothing();
      }

      @Override
      public CompletableFuture<Long> reached(long index) {
        return Seat.this.reached(index, within);
      }
    };
  }

  /**
   * Tells from now on when there are replicas, at once if there are already, and when there are none any more.
   *
   * @param taken called by one thread at a time
   */
  synchronized void listen(Consumer<Held> taken, Runnable left) {
    onTaken = taken;
    onLeft = left;
    if (held != null) {
      taken.accept(held);
    }
  }

  /**
   * Starts the replicas, if they do not run.
   *
   * @param known told who votes
   * @param first who votes at first, this node included; none for a replica that is to be added
   */
  synchronized void take(Voters known, List<Voter> first) {
    if (held != null || closed) {
      return;
    }
    LedgerReplica replica = new LedgerReplica(times);
    RocksStateMachine rocks = new RocksStateMachine();
    RatisHost engine;
    long number = ++taken;
    takenNanos = System.nanoTime();
    try {
      engine =
          RatisHost.start(
              RatisConfig.builder()
                  .clusterId(clusterId)
                  .self(self)
                  .voters(first)
                  .directory(directory)
                  .group(LEDGER, replica)
                  .group(STORE, rocks)
                  .follow(STORE, LEDGER)
                  .prompt(LEDGER)
                  .tuning(tuning)
                  .tls(tls == null ? null : new PeerTls(tls.keyManager(), tls.trustManager()))
                  .admits(transport::handsThrough)
                  .onBound(transport::spliceTo)
                  .onEnded(cause -> ended(known, number, cause))
                  .onFatal(onFatal)
                  .build());
    } catch (IOException e) {
      throw new StartFailed(
          ErrorCode.NODE_HALTED,
          "the logs in " + directory + " cannot be opened: " + e.getMessage());
    }
    FeedServer feed = new FeedServer(replica, engine.log(LEDGER), engine.log(STORE), known);
    Held now = new Held(engine, replica, new LocalReads(rocks), feed);
    held = now;
    Thread unused = Thread.ofVirtual().name("limpet-voters").start(() -> watch(now, known));
    onTaken.accept(now);
  }

  /** Passes on who votes, as the ledger's own log says. */
  private void watch(Held mine, Voters known) {
    while (held == mine) {
      long since = mine.engine.votersSince(LEDGER);
      List<Voter> now = mine.engine.takesPart(LEDGER) ? mine.engine.voters(LEDGER) : null;
      // If they changed in between, the next look tells.
      if (now != null && since == mine.engine.votersSince(LEDGER)) {
        try {
          known.are(now, since);
        } catch (StartFailed e) {
          // Not saved, and so not known: the next look tells again. A disk that stays so ends the
          // node.
          LOG.log(Level.DEBUG, "the voters could not be saved", e);
        }
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** The voters changed: this node may be one of them now, or be one no more. */
  void votersAre(Voters known, boolean was, boolean is) {
    if (was != is) {
      Thread unused =
          Thread.startVirtualThread(() -> {
            try {
              if (is) {
                take(known, List.of());
              } else {
                leave();
              }
            } catch (StartFailed e) {
              onFatal.accept(e);
            }
          });
    }
  }

  private synchronized void leave() {
    Held before = held;
    if (before != null && !closed) {
      LOG.log(Level.INFO, "node {0} holds no replicas any more: others vote now", self.node());
      drop(before);
    }
  }

  private void drop(Held before) {
    before.engine.retire();
    held = null;
    onLeft.run();
    before.engine.close();
  }

  /** One of the replicas of the host with that number was ended. Runs on a thread of its own. */
  private void ended(Voters known, long number, Throwable cause) {
    int times = giveUp(number, cause);
    try {
      if (times > ENDED_MAX) {
        onFatal.accept(cause);
      } else if (times > 0) {
        LockSupport.parkNanos(ENDED_NANOS << (times - 1));
        if (known.contains(self.node(), self.storageId())) {
          take(known, List.of());
        }
      }
    } catch (StartFailed e) {
      onFatal.accept(e);
    }
  }

  /** Returns how often that has happened now, one time soon after the other; 0 if that host is gone already. */
  private synchronized int giveUp(long number, Throwable cause) {
    Held before = held;
    if (before == null || closed || number != taken) {
      return 0;
    }
    ended = System.nanoTime() - takenNanos > STEADY_NANOS ? 1 : ended + 1;
    if (ended <= ENDED_MAX) {
      LOG.log(
          Level.WARNING,
          "node {0} gives its replicas up for now: {1}",
          self.node(),
          cause.getMessage());
      drop(before);
    }
    return ended;
  }

  /** Answers {@link FrameKind#SEAT}. */
  void serve(Inbound request, Voters known) {
    ByteReader in = new ByteReader(request.body());
    String cluster = in.text(256);
    Voter wanted = new Voter(in.text(256), in.text(256), in.text(256));
    in.end();
    if (!cluster.equals(clusterId) || !wanted.equals(self)) {
      request.fail("this is " + self + " of cluster " + clusterId + ", not " + wanted);
      return;
    }
    Thread unused =
        Thread.startVirtualThread(() -> {
          try {
            take(known, List.of());
            request.reply(new byte[0]);
          } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "this node cannot become a voter", e);
            request.fail("no replicas: " + e.getMessage());
          }
        });
  }

  /** The two groups, for the leader of both. */
  VoterDuties.Groups groups(Held mine) {
    return new VoterDuties.Groups() {
      @Override
      public boolean led() {
        return mine.log(LEDGER).leadership().self() && mine.log(STORE).leadership().self();
      }

      @Override
      public @Nullable List<Voter> ledger() {
        return mine.engine.voters(LEDGER);
      }

      @Override
      public @Nullable List<Voter> store() {
        return mine.engine.voters(STORE);
      }

      @Override
      public CompletableFuture<Boolean> changeLedger(List<Voter> from, List<Voter> to) {
        return mine.engine.change(LEDGER, from, to);
      }

      @Override
      public CompletableFuture<Boolean> changeStore(List<Voter> from, List<Voter> to) {
        return mine.engine.change(STORE, from, to);
      }

      @Override
      public CompletableFuture<?> seat(Voter voter) {
        byte[] body =
            new ByteWriter()
                .text(clusterId)
                .text(voter.node())
                .text(voter.storageId())
                .text(voter.address())
                .toBytes();
        return transport
            .link(Addresses.parse(voter.address()))
            .request(FrameKind.SEAT, body, System.nanoTime() + SEAT_NANOS);
      }
    };
  }

  /** For what only a replica can answer. */
  Held required() {
    Held now = held;
    if (now == null) {
      throw new LogException("node " + self.node() + " holds no replica", false);
    }
    return now;
  }

  @Override
  public void close() {
    @Nullable Held before;
    synchronized (this) {
      closed = true;
      before = held;
      held = null;
    }
    if (before != null) {
      before.engine.close();
    }
  }
}
