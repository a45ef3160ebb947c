package dev.limpet.sim;

import dev.limpet.core.ledger.Placement;
import dev.limpet.core.route.Route;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The calls that one node routes: its clients' own, and those that other nodes sent to it as a home. */
final class Calls {
  private final SimNode node;
  private final NodeLife life;
  private final Cluster cluster;
  private List<Work> parked = new ArrayList<>();
  private final Set<Work> entered = new LinkedHashSet<>();

  /** What a home answers to another node. */
  sealed interface Reply {
    record Done(long value, long epoch, long by) implements Reply {}

    /** Not run: look again once the view contains that entry. */
    record Moved(long index) implements Reply {}

    record NotRun(String why) implements Reply {}

    record Unknown(String why) implements Reply {}
  }

  interface Back {
    void reply(Reply reply);
  }

  /** One call on one node: at its entry, or at what was thought to be its home. */
  static final class Work {
    final Op op;
    final long deadline;
    final boolean atEntry;
    final long calleeEpoch;
    final long viewIndex;
    final Back back;
    boolean begun;
    boolean sent;
    boolean over;
    long waitFor;

    Work(Op op, long deadline, boolean atEntry, long calleeEpoch, long viewIndex, Back back) {
      this.op = op;
      this.deadline = deadline;
      this.atEntry = atEntry;
      this.calleeEpoch = calleeEpoch;
      this.viewIndex = viewIndex;
      this.back = back;
      this.waitFor = viewIndex;
    }

    /** Answers once. */
    void reply(Reply reply) {
      if (!over) {
        over = true;
        back.reply(reply);
      }
    }
  }

  Calls(SimNode node, NodeLife life, Cluster cluster) {
    this.node = node;
    this.life = life;
    this.cluster = cluster;
  }

  /** A client's call. */
  void enter(Op op, long nanosLeft, Back back) {
    Work w = new Work(op, node.clock() + nanosLeft, true, 0, 0, back);
    entered.add(w);
    node.after(
        nanosLeft,
        () -> {
          entered.remove(w);
          w.reply(
              w.begun || w.sent
                  ? new Reply.Unknown("deadline passed")
                  : new Reply.NotRun("deadline passed"));
        });
    dispatch(w);
  }

  /** The process is gone: its clients' connections break. */
  void lost() {
    for (Work w : List.copyOf(entered)) {
      w.reply(new Reply.Unknown("connection lost"));
    }
  }

  /** The view, a shard or the lease has changed: waiting calls look again. */
  void again() {
    List<Work> waiting = parked;
    parked = new ArrayList<>();
    waiting.forEach(this::dispatch);
  }

  /** The view has moved on without a change. */
  void viewReached() {
    if (parked.stream().anyMatch(w -> w.waitFor > 0 && w.waitFor <= life.ledgerApplied())) {
      again();
    }
  }

  void dispatch(Work w) {
    if (w.over) {
      return;
    }
    if (node.clock() - w.deadline >= 0) {
      w.reply(new Reply.NotRun("deadline passed"));
      return;
    }
    if (life.ledgerApplied() < w.waitFor) {
      parked.add(w);
      return;
    }
    w.waitFor = 0;
    Placement view = life.view();
    int shard = view.shardOf(SimStore.id(w.op.key), cluster.shardOf(w.op.key));
    switch (Route.of(view, shard, life.registration(), life.homes().tenure(shard), false)) {
      case Route.Here here -> {
        if (w.atEntry || w.calleeEpoch == here.epoch()) {
          life.homes().admit(shard, w);
        } else {
          w.reply(new Reply.Moved(life.ledgerApplied()));
        }
      }
      case Route.There there -> {
        if (w.atEntry) {
          forward(w, shard, there);
        } else {
          w.reply(new Reply.Moved(life.ledgerApplied()));
        }
      }
      case Route.Wait ignored -> parked.add(w);
    }
  }

  /** The process is on its way between two shards of this node. */
  void park(Work w) {
    parked.add(w);
  }

  /** A home could not take it now, for a reason that passes. */
  void later(Work w, String why) {
    if (w.atEntry) {
      node.after(20 * Simulation.MS, () -> dispatch(w));
    } else {
      w.reply(new Reply.NotRun(why));
    }
  }

  private void forward(Work w, int shard, Route.There there) {
    int to = cluster.number(there.home().name());
    long left = w.deadline - node.clock();
    long index = life.ledgerApplied();
    w.sent = true;
    cluster
        .net()
        .send(
            node.number(),
            to,
            () -> {
              NodeLife home = cluster.lifeOf(to);
              SimNode at = cluster.node(to);
              home.calls()
                  .dispatch(
                      new Work(
                          w.op,
                          at.clock() + left,
                          false,
                          there.epoch(),
                          index,
                          reply ->
                              cluster
                                  .net()
                                  .send(to, node.number(), () -> replied(w, shard, reply))));
            },
            () -> replied(w, shard, new Reply.NotRun("connection refused")));
  }

  private void replied(Work w, int shard, Reply reply) {
    switch (reply) {
      case Reply.Done done -> {
        if (life.view().believes(shard, done.epoch(), done.by())) {
          w.reply(done);
        } else {
          w.reply(new Reply.Unknown("its home had expired"));
        }
      }
      case Reply.Moved moved -> {
        w.sent = false;
        w.waitFor = moved.index();
        node.after(Simulation.MS, () -> dispatch(w));
      }
      case Reply.NotRun ignored -> {
        w.sent = false;
        node.after(20 * Simulation.MS, () -> dispatch(w));
      }
      case Reply.Unknown unknown -> w.reply(unknown);
    }
  }
}
