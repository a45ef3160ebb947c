package dev.limpet.node.call;

import dev.limpet.CallRefused;
import dev.limpet.DeadlinePassed;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.OutcomeUnknown;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.route.Route;
import dev.limpet.node.home.Bounced;
import dev.limpet.node.home.Call;
import dev.limpet.node.home.Chain;
import dev.limpet.node.home.HostedType;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.Turn;
import dev.limpet.values.NearProcess;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.Thrown;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Brings calls to their processes, wherever they live, and says honestly what came of it. Thread-safe. */
/*
 * One call goes round this loop until it has an answer or its deadline has passed: look at the view; if the shard is here
 * run the turn, if it is elsewhere send it there, if it is between homes wait for a change. It goes round again only when
 * it certainly did not run, or when the method may run twice (@Reads, @Idempotent, an idempotency key); otherwise a lost
 * answer is OutcomeUnknown at once.
 *
 * A member whose lease has lapsed refuses calls to other nodes as well: whoever cut it off may not answer at all, and the
 * caller would wait for its deadline to learn less. A node that joins or leaves has no lease either and passes calls on,
 * so that a deploy fails none; but it waits for nothing.
 */
public final class Calls {
  /** Stands for the shard of a process while this node has no view of a cluster that hosts its type. */
  public static final int SHARD_UNKNOWN = -1;

  private static final int ARGUMENT_BYTES_MAX = 1 << 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(200);

  private final Cluster cluster;
  private final LocalShards shards;
  private final @Nullable RemoteCalls remote;
  private volatile boolean closed;

  /**
   * For one node.
   *
   * @param remote null when there are no other nodes
   */
  public Calls(Cluster cluster, LocalShards shards, @Nullable RemoteCalls remote) {
    this.cluster = cluster;
    this.shards = shards;
    this.remote = remote;
  }

  /** A result, or an exception that the method declares, and who gave it. */
  public record Answer(@Nullable Object value, String home, long epoch) {}

  /** Calls are refused from here on. */
  public void close() {
    closed = true;
    cluster.changes().raise();
  }

  /** The shard that a process is hashed into: the same for ever, once it is known. */
  public int hashedShardOf(ProcessId id) {
    return hashedShardOf(id, cluster.view());
  }

  private static int hashedShardOf(ProcessId id, Placement view) {
    return view.types().hosts(id.type()) ? view.hashedShardOf(id) : SHARD_UNKNOWN;
  }

  /** The process, if it is in this node's memory and may be called there; null if it is not. */
  public @Nullable NearProcess near(ProcessId id, int hashed) {
    return closed || hashed == SHARD_UNKNOWN
        ? null
        : shards.near(cluster.view().shardOf(id, hashed), id);
  }

  /**
   * Makes a call.
   *
   * @param hashed as {@link #hashedShardOf} said, now or earlier
   * @param arguments as the caller gave them
   * @return the result, or {@link Thrown}
   */
  public Answer call(
      HostedType type,
      ProcessId id,
      int hashed,
      int method,
      @Nullable Object[] arguments,
      long deadlineNanos,
      @Nullable String key) {
    @Nullable Turn turn = Turn.current();
    long deadline = deadlineNanos;
    @Nullable Chain chain = null;
    if (turn != null) {
      chain = turn.chain();
      Chain.check(chain, id);
      if (turn.deadlineNanos() - deadline < 0) {
        deadline = turn.deadlineNanos();
      }
      turn.beforeCallingOut();
    }
    Attempt attempt = new Attempt(type, id, hashed, method, arguments, deadline, key, chain);
    @Nullable Answer near = closed || hashed == SHARD_UNKNOWN ? null : attempt.near();
    return near != null ? near : attempt.run();
  }

  private final class Attempt {
    private final HostedType type;
    private final StickyMethod method;
    private final ProcessId id;
    private int hashed;

    /** The pin's, if it has one; as of the last look at the view. */
    private int shard = SHARD_UNKNOWN;

    private final @Nullable Object[] arguments;
    private final long deadline;
    private final @Nullable String key;
    private final @Nullable Chain chain;
    private byte @Nullable [] encoded;
    private @Nullable Object @Nullable [] isolated;
    private String hindrance = "no home was found";
    private boolean mayHaveRun;

    /** The role that nobody held at the last look at the view, if that is what the call waits for; else empty. */
    private String vacant = "";

    /** The registration of this node under which the last request was sent. */
    private long asked;

    private long pause = PAUSE_NANOS;

    Attempt(
        HostedType type,
        ProcessId id,
        int hashed,
        int method,
        @Nullable Object[] arguments,
        long deadline,
        @Nullable String key,
        @Nullable Chain chain) {
      this.type = type;
      this.method = type.method(method);
      this.id = id;
      this.hashed = hashed;
      this.arguments = arguments;
      this.deadline = deadline;
      this.key = key;
      this.chain = chain;
    }

    Answer run() {
      while (true) {
        if (closed) {
          throw new Unavailable(
              ErrorCode.CLOSED, executed(), "this node is closing; call another one");
        }
        long seen = cluster.changes().version();
        Placement view = cluster.view();
        if (hashed == SHARD_UNKNOWN) {
          hashed = hashedShardOf(id, view);
        }
        shard = hashed == SHARD_UNKNOWN ? SHARD_UNKNOWN : view.shardOf(id, hashed);
        Tenure tenure = shard == SHARD_UNKNOWN ? new Tenure.Away() : shards.tenure(shard);
        boolean inChain = tenure instanceof Tenure.Freezing && touches(view);
        Answer answer =
            switch (Route.of(view, shard, cluster.registration(), tenure, inChain)) {
              case Route.Here ignored -> here(seen);
              case Route.There r -> there(r, seen);
              case Route.Wait w -> {
                vacant = w.why() == Route.Why.NO_ROLE ? view.roleOf(shard) : "";
                await(vacant.isEmpty() ? w.why().text() : noRole(vacant), seen);
                yield null;
              }
            };
        if (answer != null) {
          return answer;
        }
      }
    }

    private boolean touches(Placement view) {
      for (Chain c = chain; c != null; c = c.before()) {
        if (view.shardOf(c.process()) == shard) {
          return true;
        }
      }
      return false;
    }

    /** The short way for a shard that is served here: no look at the view, no waiting; null to take the long way. */
    @Nullable Answer near() {
      shard = cluster.view().shardOf(id, hashed);
      if (!shards.serves(shard)) {
        return null;
      }
      try {
        return turn();
      } catch (Bounced e) {
        return null;
      } catch (OutcomeUnknown e) {
        again(e);
        return null;
      } catch (Unavailable e) {
        if (!isForAMoment(e)) {
          throw e;
        }
        return null;
      }
    }

    /** Whether the turn did not begin since the lease does not hold at the moment, so that it may begin soon. */
    private boolean isForAMoment(Unavailable e) {
      return e.code() == ErrorCode.NO_QUORUM
          && e.executed() == Executed.NO
          && cluster.gate().opensSoon(System.nanoTime());
    }

    private Answer turn() {
      if (isolated == null) {
        isolated = method.isolateArguments(arguments);
      }
      LocalShards.Answer answer =
          shards.run(new Call(type, id, shard, 0, method.index(), isolated, deadline, key, chain));
      return new Answer(answer.value(), "", answer.epoch());
    }

    private @Nullable Answer here(long seen) {
      try {
        return turn();
      } catch (Bounced e) {
        await("the process is moving", seen);
        return null;
      } catch (OutcomeUnknown e) {
        again(e);
        await(String.valueOf(e.getMessage()), seen);
        return null;
      } catch (Unavailable e) {
        if (!isForAMoment(e)) {
          throw e;
        }
        await(String.valueOf(e.getMessage()), seen);
        return null;
      }
    }

    private @Nullable Answer there(Route.There route, long seen) {
      RemoteCalls others = remote;
      if (others == null) {
        throw new AssertionError("a node without transport has no other members");
      }
      if (encoded == null) {
        encoded = method.encodeArguments(arguments, ARGUMENT_BYTES_MAX);
      }
      long now = System.nanoTime();
      long left = deadline - now;
      if (left <= 0) {
        throw late();
      }
      // The gate is looked at first: a node that leaves is no member any more when its gate shuts.
      if (!cluster.gate().open(now) && cluster.registration() != 0) {
        if (cluster.gate().opensSoon(now)) {
          await("the lease of this node does not hold at the moment", seen);
          return null;
        }
        throw new Unavailable(ErrorCode.NO_QUORUM, executed(), cluster.gate().whyShut());
      }
      Member home = route.home();
      asked = cluster.registration();
      Request request =
          new Request(
              asked,
              cluster.viewIndex(),
              shard,
              route.epoch(),
              TimeUnit.NANOSECONDS.toMicros(left),
              id,
              method.name(),
              key,
              chain,
              encoded);
      try {
        return take(others.call(home, request.encode(), deadline, now), home, seen);
      } catch (RemoteCalls.Lost e) {
        if (e.mayHaveRun) {
          again(
              e.late
                  ? new DeadlinePassed(
                      Executed.UNKNOWN,
                      "no answer came from node " + home.name() + " by the deadline")
                  : new OutcomeUnknown(
                      "the answer from node " + home.name() + " was lost: " + e.getMessage()));
        }
        await("node " + home.name() + " cannot be reached: " + e.getMessage(), seen);
        return null;
      }
    }

    private @Nullable Answer take(Reply reply, Member home, long seen) {
      return switch (reply) {
        case Reply.Value r when believed(r.epoch(), home) ->
            new Answer(method.decodeResult(r.result()), home.name(), r.epoch());
        case Reply.Declared r when believed(r.epoch(), home) ->
            new Answer(r.thrown(), home.name(), r.epoch());
        case Reply.Value ignored -> disbelieved(home, seen);
        case Reply.Declared ignored -> disbelieved(home, seen);
        case Reply.Moved r -> {
          awaitView(r.view(), seen);
          yield null;
        }
        case Reply.Failed r -> failed(r, home, seen);
      };
    }

    /** A reply of an epoch that was ended by an expiry is not believed, whatever it says (rule 17). */
    private boolean believed(long epoch, Member home) {
      return cluster.view().believes(shard, epoch, home.registration());
    }

    private @Nullable Answer disbelieved(Member home, long seen) {
      again(new OutcomeUnknown("node " + home.name() + " expired before its answer came"));
      await("node " + home.name() + " expired", seen);
      return null;
    }

    private @Nullable Answer failed(Reply.Failed r, Member home, long seen) {
      if (r.code() == ErrorCode.NO_QUORUM
          && r.executed() == Executed.NO
          && cluster.registration() != asked) {
        // This node joined or left while the call was on its way: the answer was to who it was
        // then.
        return null;
      }
      if (r.executed() == Executed.NO
          && (r.code() == ErrorCode.NO_QUORUM || r.code() == ErrorCode.NO_HOME)) {
        await("node " + home.name() + " cannot serve: " + r.message(), seen);
        return null;
      }
      if (r.code() == ErrorCode.OUTCOME_UNKNOWN) {
        again(r.exception());
        await(r.message(), seen);
        return null;
      }
      throw r.exception();
    }

    /** The call may have run: go round again only if running twice does no harm. */
    private void again(LimpetException otherwise) {
      mayHaveRun = true;
      if (!method.reads() && !method.idempotent() && key == null) {
        throw otherwise;
      }
      if (System.nanoTime() - deadline >= 0) {
        throw otherwise;
      }
    }

    /** Waits until something has changed, or a while, to look again. */
    private void await(String why, long seen) {
      hindrance = why;
      long now = System.nanoTime();
      if (now - deadline >= 0) {
        throw late();
      }
      if (!cluster.gate().open(now) && !cluster.gate().opensSoon(now)) {
        throw new Unavailable(
            ErrorCode.NO_QUORUM, executed(), why + "; and " + cluster.gate().whyShut());
      }
      if (!vacant.isEmpty() && cluster.isVacant(vacant)) {
        throw new Unavailable(ErrorCode.NO_ROLE, executed(), why);
      }
      pauseUntil(seen, Math.min(now + pause - deadline, 0) + deadline);
      pause = Math.min(pause * 2, PAUSE_NANOS_MAX);
    }

    private void awaitView(long index, long seen) {
      long now = System.nanoTime();
      if (now - deadline >= 0) {
        hindrance = "the process is moving";
        throw late();
      }
      long version = seen;
      long until = Math.min(now + pause - deadline, 0) + deadline;
      while (cluster.viewIndex() < index && System.nanoTime() - until < 0) {
        pauseUntil(version, until);
        version = cluster.changes().version();
      }
      if (cluster.viewIndex() >= index) {
        // As new as the answer, and it led there all the same: the home is a step ahead, give it a
        // moment.
        pauseUntil(
            cluster.changes().version(), Math.min(now + PAUSE_NANOS / 10 - deadline, 0) + deadline);
      }
    }

    private void pauseUntil(long seen, long until) {
      try {
        boolean changed = cluster.changes().await(seen, until);
        if (changed) {
          pause = PAUSE_NANOS;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DeadlinePassed(
            executed(), "the calling thread was interrupted while it waited: " + hindrance);
      }
    }

    private Executed executed() {
      return mayHaveRun ? Executed.UNKNOWN : Executed.NO;
    }

    private LimpetException late() {
      return mayHaveRun
          ? new DeadlinePassed(Executed.UNKNOWN, "the deadline passed: " + hindrance)
          : new Unavailable(
              vacant.isEmpty() ? ErrorCode.NO_HOME : ErrorCode.NO_ROLE,
              Executed.NO,
              "no home answered by the deadline: " + hindrance);
    }
  }

  /** What a caller is told while nobody holds a role. */
  public static String noRole(String role) {
    return "no node holds the role " + role + "; start one with --roles " + role;
  }

  /** The exception that a caller gets for a declared one. */
  public static Exception rebuilt(StickyMethod method, Thrown thrown) {
    Throwable e = method.exceptions().rebuild(thrown);
    if (e instanceof Exception x) {
      return x;
    }
    throw new CallRefused(ErrorCode.INVALID_INTERFACE, "an error is no answer: " + e);
  }
}
