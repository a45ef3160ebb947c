package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.lease.DeathReports;
import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.MoveWish;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.Command.Renewal;
import dev.limpet.core.ledger.Decision;
import dev.limpet.core.ledger.KeyHash;
import dev.limpet.core.ledger.LedgerWire;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Outcome;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.Planner;
import dev.limpet.core.ledger.Settling;
import dev.limpet.core.ledger.ShardCosts;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.engine.Applied;
import dev.limpet.engine.Leadership;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.node.home.Async;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger's leader does beside appending: gathers renewals, proposes expiries, and plans moves. Runs on every
 * voter, and acts only on the one that leads. It decides nothing: what it appends is decided when it is applied.
 */
final class LeaderDuties implements LedgerReplica.Listener, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LeaderDuties.class.getName());

  /** How many moves may be under way in the whole cluster. */
  private static final int MOVES_MAX = 32;

  /** A move that was not released by then is aborted, and planned anew later. */
  private static final long MOVE_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

  /** How long a node must have held its lease before its shards come home; longer for one that dies again and again. */
  private static final long STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long a report of a refused port counts. */
  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long CALM_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final LedgerReplica replica;
  private final ReplicatedLog log;
  private final Times times;
  private final @Nullable VoterDuties voters;
  private final String clusterId;
  private final int shards;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("limpet-leader-duties").factory());

  // Touched by the one thread only.
  private final Map<Long, Long> moveSince = new HashMap<>();
  private boolean planning;
  private boolean forming;

  // Guarded by itself, each.
  private final Settling settling = new Settling(STAY_NANOS, CALM_NANOS);
  private final DeathReports deaths = new DeathReports(REPORT_NANOS);

  /** The registrations whose end is under way to the log. */
  private final Set<Long> expiring = ConcurrentHashMap.newKeySet();

  private final AwaitedRenewals awaited = new AwaitedRenewals();

  /** What each registration last said of its shards. */
  private final Map<Long, ShardCosts> costs = new ConcurrentHashMap<>();

  /** What a renewal brought. */
  sealed interface RenewalAnswer {
    /** Applied and accepted at that index. */
    record Accepted(long index) implements RenewalAnswer {}

    /** Applied and rejected: the registration has ended. */
    record Rejected() implements RenewalAnswer {}

    /** Not applied, as far as this node knows; ask the leader. */
    record NotHere() implements RenewalAnswer {}

    default byte[] encode() {
      ByteWriter out = new ByteWriter(16);
      switch (this) {
        case Accepted a -> out.u8(1).number(a.index);
        case Rejected ignored -> out.u8(2);
        case NotHere ignored -> out.u8(3);
      }
      return out.toBytes();
    }

    static RenewalAnswer decode(byte[] bytes) {
      ByteReader in = new ByteReader(bytes);
      return switch (in.u8()) {
        case 1 -> new Accepted(in.number());
        case 2 -> new Rejected();
        case 3 -> new NotHere();
        default -> throw new ByteReader.Malformed("an answer to a renewal of an unknown kind");
      };
    }
  }

  LeaderDuties(
      LedgerReplica replica,
      ReplicatedLog log,
      Times times,
      String clusterId,
      int shards,
      @Nullable VoterDuties voters) {
    this.voters = voters;
    this.replica = replica;
    this.log = log;
    this.times = times;
    this.clusterId = clusterId;
    this.shards = shards;
  }

  void start() {
    replica.listen(this);
    long period = Math.max(times.heartbeat() / 4, 1_000_000);
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::tick, 0, period, TimeUnit.NANOSECONDS);
  }

  /**
   * A renewal arrived; the answer comes when it was applied, or when it is known that it will not be here.
   *
   * @param told what the shards cost that the sender serves
   */
  CompletableFuture<RenewalAnswer> renew(Renewal renewal, ShardCosts told) {
    boolean taken = replica.withGrantor((g, now) -> g.offer(renewal, now));
    if (!taken) {
      return CompletableFuture.completedFuture(new RenewalAnswer.NotHere());
    }
    costs.put(renewal.registration(), told);
    return awaited.await(renewal.registration(), renewal.sequence());
  }

  /** A member was refused at the port of a registration. */
  void refused(long registration, long prober) {
    synchronized (deaths) {
      deaths.refused(registration, prober, System.nanoTime());
    }
    if (log.leadership().self() && !thread.isShutdown()) {
      thread.execute(this::expireTheDead);
    }
  }

  /** Ends the registrations of those whose death is proven; what else was renewed meanwhile is for the ledger to weigh. */
  private void expireTheDead() {
    List<Member> dead;
    synchronized (deaths) {
      dead = deaths.proven(replica.placement(), this::mayHoldItsLease, System.nanoTime());
    }
    for (Member member : dead) {
      long sequence = replica.sequenceOf(member.registration());
      // Reports go on coming until the entry is applied: one is enough.
      if (sequence >= 0 && expiring.add(member.registration())) {
        LOG.log(
            Level.INFO,
            "node {0} is dead: its port refuses a majority of the members",
            member.name());
        append(
            new Command.Expire(member.name(), member.registration(), sequence),
            () -> expiring.remove(member.registration()));
      }
    }
  }

  private boolean mayHoldItsLease(long registration) {
    long silent = replica.withGrantor((g, now) -> g.silentFor(registration, now));
    return silent >= 0 && silent < times.lease();
  }

  private void tick() {
    try {
      for (Command command : replica.withGrantor((g, now) -> g.tick(now))) {
        if (command instanceof Command.Renew renew) {
          appendRenewals(renew);
        } else {
          append(command, () -> {});
        }
      }
      if (log.leadership().self()) {
        expireTheDead();
        lead();
      }
    } catch (RuntimeException e) {
      Async.failed("the leader's duties failed; they go on with the next tick", e);
    }
  }

  private void appendRenewals(Command.Renew renew) {
    Async.whenDone(
        log.append(LedgerWire.encode(renew)),
        (applied, failure) -> {
          for (int i = 0; i < renew.renewals().size(); i++) {
            Renewal renewal = renew.renewals().get(i);
            awaited.answered(
                renewal.registration(), renewal.sequence(), answer(i, applied, failure));
          }
        });
  }

  private static RenewalAnswer answer(
      int i, @Nullable Applied applied, @Nullable Throwable failure) {
    if (applied == null || failure != null) {
      return new RenewalAnswer.NotHere();
    }
    return LedgerWire.decodeOutcome(applied.reply()) instanceof Outcome.Renewed outcome
            && outcome.accepted().get(i)
        ? new RenewalAnswer.Accepted(applied.index())
        : new RenewalAnswer.Rejected();
  }

  private void append(Command command, Runnable over) {
    Async.whenDone(
        log.append(LedgerWire.encode(command)),
        (applied, failure) -> {
          over.run();
          if (failure != null) {
            LOG.log(
                Level.DEBUG, () -> "not appended: " + command.getClass().getSimpleName(), failure);
          }
        });
  }

  private void lead() {
    Placement view = replica.placement();
    long now = System.nanoTime();
    if (!view.formed()) {
      form();
      return;
    }
    if (!planning) {
      List<MoveWish> wishes =
          Planner.moves(
              view,
              m -> holdingFor(m) >= 0,
              m -> holdingFor(m) > stay(m),
              shard -> cost(view, shard),
              MOVES_MAX);
      if (!wishes.isEmpty()) {
        plan(new Command.StartMoves(wishes));
      }
    }
    costs.keySet().retainAll(view.members().keySet());
    abortStuck(view, now);
    if (voters != null) {
      voters.lead(view, replica::known, now);
    }
  }

  private int cost(Placement view, int shard) {
    ShardHome at = view.at(shard);
    return at == null ? 0 : costs.getOrDefault(at.home(), ShardCosts.NONE).of(shard);
  }

  private long holdingFor(Member member) {
    return replica.withGrantor((g, now) -> g.holdingFor(member.registration(), now));
  }

  private long stay(Member member) {
    synchronized (settling) {
      return settling.stayNanos(member.name(), System.nanoTime());
    }
  }

  private void form() {
    if (!forming) {
      forming = true;
      byte[] secret = new byte[KeyHash.KEY_BYTES];
      new SecureRandom().nextBytes(secret);
      later(new Command.Form(clusterId, secret, shards), () -> forming = false);
    }
  }

  private void plan(Command.StartMoves moves) {
    planning = true;
    later(moves, () -> planning = false);
  }

  private void later(Command command, Runnable done) {
    Async.whenDone(
        log.append(LedgerWire.encode(command)),
        (applied, failure) -> {
          if (!thread.isShutdown()) {
            thread.execute(done);
          }
        });
  }

  private void abortStuck(Placement view, long now) {
    List<Released> stuck = new ArrayList<>();
    Map<Long, Long> underWay = new HashMap<>();
    for (int s : view.numbers()) {
      ShardHome at = view.at(s);
      ShardHome.Move move = at == null ? null : at.move();
      if (move != null) {
        long since = moveSince.getOrDefault(move.id(), now);
        underWay.put(move.id(), since);
        if (now - since > MOVE_NANOS_MAX) {
          stuck.add(new Released(s, move.id()));
        }
      }
    }
    moveSince.clear();
    moveSince.putAll(underWay);
    if (!stuck.isEmpty() && !planning) {
      planning = true;
      later(new Command.AbortMoves(stuck), () -> planning = false);
    }
  }

  @Override
  public void applied(long index, Placement view, List<Decision> decisions) {
    for (Decision decision : decisions) {
      if (decision instanceof Decision.Expired expired) {
        synchronized (settling) {
          settling.expired(expired.node(), System.nanoTime());
        }
      }
    }
  }

  @Override
  public void leads(Leadership now) {
    if (!now.self()) {
      awaited.dropAll();
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
