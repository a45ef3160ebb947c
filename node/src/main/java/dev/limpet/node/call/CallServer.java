package dev.limpet.node.call;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.Unavailable;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.route.Route;
import dev.limpet.node.home.Bounced;
import dev.limpet.node.home.Call;
import dev.limpet.node.home.Chain;
import dev.limpet.node.home.HostedType;
import dev.limpet.node.home.LocalShards;
import dev.limpet.transport.Inbound;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.Thrown;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Runs the calls that other nodes send to processes at home here, on virtual threads. Thread-safe. */
public final class CallServer {
  private static final System.Logger LOG = System.getLogger(CallServer.class.getName());
  private static final long LEFT_MICROS_MAX = TimeUnit.HOURS.toMicros(1);

  private static final long QUIET_POLL_MILLIS = 20;

  private volatile boolean turnsAway;
  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private final LongAdder turnedAway = new LongAdder();
  private final Consumer<Inbound> work = this::run;
  private final Cluster cluster;
  private final LocalShards shards;
  private final Map<String, HostedType> types;

  public CallServer(Cluster cluster, LocalShards shards, Map<String, HostedType> types) {
    this.cluster = cluster;
    this.shards = shards;
    this.types = Map.copyOf(types);
  }

  /** Takes a frame of a call, on the connection's reading thread. */
  public void onRequest(Inbound inbound) {
    if (turnsAway) {
      turnedAway.increment();
      inbound.reply(
          new Reply.Failed(ErrorCode.NO_QUORUM, Executed.NO, "this node is leaving").encode());
      return;
    }
    begun.increment();
    inbound.handle(work);
  }

  private void run(Inbound inbound) {
    try {
      inbound.reply(answer(inbound.body(), inbound.arrivedNanos()).encode());
    } finally {
      ended.increment();
    }
  }

  /**
   * From here on calls are refused, and certainly not run: they wait for the next home. What has begun goes on. For a node
   * that leaves as home of shards that no other may host, or that is called for too long.
   */
  public void turnAway() {
    turnsAway = true;
  }

  /**
   * Waits until every call that came has been answered and none has come for a while: until then some node does not know
   * yet that nothing lives here any more. False if that does not come about in time.
   */
  public boolean awaitQuiet(long quietNanos, long untilNanos) throws InterruptedException {
    return awaitNone(() -> 0, quietNanos, untilNanos);
  }

  /** The same, where a call that was turned away has come, too: until then some node still sends calls here. */
  public boolean awaitSilence(long quietNanos, long untilNanos) throws InterruptedException {
    return awaitNone(turnedAway::sum, quietNanos, untilNanos);
  }

  private boolean awaitNone(LongSupplier others, long quietNanos, long untilNanos)
      throws InterruptedException {
    long seen = -1;
    long since = System.nanoTime();
    while (System.nanoTime() - untilNanos < 0) {
      // What has ended is counted first: nothing that begins in between is taken for ended.
      long over = ended.sum();
      long now = begun.sum();
      long come = now + others.getAsLong();
      if (come != seen || over != now) {
        seen = come;
        since = System.nanoTime();
      } else if (System.nanoTime() - since >= quietNanos) {
        return true;
      }
      Thread.sleep(QUIET_POLL_MILLIS);
    }
    return false;
  }

  Reply answer(byte[] body, long arrived) {
    try {
      Request request = Request.decode(body);
      return run(
          request,
          arrived + TimeUnit.MICROSECONDS.toNanos(Math.min(request.leftMicros(), LEFT_MICROS_MAX)));
    } catch (LimpetException e) {
      return Reply.Failed.of(e);
    } catch (ByteReader.Malformed e) {
      return new Reply.Failed(
          ErrorCode.MALFORMED_REQUEST, Executed.NO, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "a call from another node failed inside Limpet", e);
      return new Reply.Failed(ErrorCode.OUTCOME_UNKNOWN, Executed.UNKNOWN, "the home failed: " + e);
    }
  }

  private Reply run(Request request, long deadline) {
    HostedType type = types.get(request.id().type());
    if (type == null) {
      throw new CallRefused(
          ErrorCode.UNKNOWN_TYPE, "no type of the name " + request.id().type() + " is hosted");
    }
    StickyMethod method = type.sticky().method(request.method());
    if (method == null) {
      throw new CallRefused(
          ErrorCode.UNKNOWN_METHOD, type.name() + " has no method " + request.method());
    }
    @Nullable Object[] arguments = method.decodeArguments(request.arguments());
    while (true) {
      long seen = cluster.changes().version();
      Placement view = cluster.view();
      if (!view.formed() || cluster.viewIndex() < request.view()) {
        await(seen, deadline, "this node has not yet seen what the caller's node has");
        continue;
      }
      requireMember(request, view);
      int shard = view.shardOf(request.id());
      Tenure tenure = shards.tenure(shard);
      boolean inChain = tenure instanceof Tenure.Freezing && touches(view, request.chain(), shard);
      switch (Route.of(view, shard, cluster.registration(), tenure, inChain)) {
        case Route.Here here -> {
          if (request.epoch() != here.epoch()) {
            // Sent to an earlier time of this home, and so perhaps given up long ago (rule 17).
            return new Reply.Moved(cluster.viewIndex());
          }
          try {
            Call call =
                new Call(
                    type,
                    request.id(),
                    shard,
                    request.epoch(),
                    method.index(),
                    arguments,
                    deadline,
                    request.key(),
                    request.chain());
            return reply(method, shards.run(call));
          } catch (Bounced e) {
            await(seen, deadline, "the process is moving");
          }
        }
        case Route.There ignored -> {
          return new Reply.Moved(cluster.viewIndex());
        }
        case Route.Wait w -> await(seen, deadline, w.why().text());
      }
    }
  }

  /** A node that has expired does not know it yet: what its processes ask for is not done (rule 17). */
  private static void requireMember(Request request, Placement view) {
    boolean member = view.members().containsKey(request.caller());
    boolean outsider = request.caller() == 0 && request.chain() == null;
    if (!member && !outsider) {
      throw new Unavailable(
          ErrorCode.NO_QUORUM, Executed.NO, "the calling node's registration has ended");
    }
  }

  private static boolean touches(Placement view, @Nullable Chain chain, int shard) {
    for (Chain c = chain; c != null; c = c.before()) {
      if (view.shardOf(c.process()) == shard) {
        return true;
      }
    }
    return false;
  }

  private static Reply reply(StickyMethod method, LocalShards.Answer answer) {
    return answer.value() instanceof Thrown thrown
        ? new Reply.Declared(answer.epoch(), thrown)
        : new Reply.Value(answer.epoch(), method.encodeResult(answer.value()));
  }

  private void await(long seen, long deadline, String why) {
    if (System.nanoTime() - deadline >= 0) {
      throw new Unavailable(ErrorCode.NO_HOME, Executed.NO, why);
    }
    if (!cluster.gate().open(System.nanoTime())) {
      throw new Unavailable(ErrorCode.NO_QUORUM, Executed.NO, cluster.gate().whyShut());
    }
    try {
      boolean unused =
          cluster
              .changes()
              .await(seen, Math.min(System.nanoTime() + 50_000_000L - deadline, 0) + deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable(ErrorCode.CLOSED, Executed.NO, "this node is closing");
    }
  }
}
