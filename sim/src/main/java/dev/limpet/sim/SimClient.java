package dev.limpet.sim;

import java.util.List;

/** Calls one key after the other through any node, one at a time, and notes what it was told. */
final class SimClient {
  private final int number;
  private final Cluster cluster;
  private final Simulation sim;
  private boolean stopped;
  private int tries;

  SimClient(int number, Cluster cluster) {
    this.number = number;
    this.cluster = cluster;
    this.sim = cluster.sim();
  }

  void start() {
    sim.after(sim.between(0, 100 * Simulation.MS), this::next);
  }

  void stop() {
    stopped = true;
  }

  private void next() {
    if (stopped) {
      return;
    }
    String key = "k" + sim.random().nextInt(cluster.config().keys());
    Op.Kind kind = sim.chance(0.6) ? Op.Kind.ADD : Op.Kind.GET;
    String idempotencyKey =
        kind == Op.Kind.ADD && sim.chance(0.3) ? "i" + number + "-" + tries++ : "";
    call(kind, key, idempotencyKey, 4);
  }

  private void call(Op.Kind kind, String key, String idempotencyKey, int triesLeft) {
    long patience = sim.between(200 * Simulation.MS, 4_000 * Simulation.MS);
    call(
        cluster,
        anyNode(),
        kind,
        key,
        idempotencyKey,
        patience,
        answer -> {
          boolean again =
              answer instanceof Op.Answer.Unknown
                  && !idempotencyKey.isEmpty()
                  && triesLeft > 0
                  && !stopped;
          long most = answer instanceof Op.Answer.NotRun ? 300 : 30;
          long pause = sim.between(0, most * Simulation.MS);
          sim.after(
              pause, again ? () -> call(kind, key, idempotencyKey, triesLeft - 1) : this::next);
        });
  }

  private SimNode anyNode() {
    List<SimNode> nodes = cluster.nodes();
    return nodes.get(sim.random().nextInt(nodes.size()));
  }

  /** What a caller is told, once. */
  interface Told {
    void told(Op.Answer answer);
  }

  /** Calls through one node. The connection to it breaks with its process; else it answers by the deadline. */
  static void call(
      Cluster cluster,
      SimNode at,
      Op.Kind kind,
      String key,
      String idempotencyKey,
      long patience,
      Told told) {
    Simulation sim = cluster.sim();
    Checks checks = cluster.checks();
    Op op =
        new Op(cluster.nextOperation(), kind, key, idempotencyKey, sim.now(), sim.now() + patience);
    checks.invoked(op);
    long floor = checks.floor(key);
    Told once =
        answer -> {
          if (op.answer == null) {
            checks.answered(op, floor, answer);
            sim.say(op + " through " + at.name() + ": " + answer);
            told.told(answer);
          }
        };
    NodeLife life = at.life();
    if (life == null) {
      sim.after(50_000, () -> once.told(new Op.Answer.NotRun("connection refused")));
      return;
    }
    int start = at.starts();
    sim.after(
        sim.between(20_000, 300_000),
        () -> {
          if (at.starts() != start || !at.up()) {
            once.told(new Op.Answer.NotRun("connection refused"));
          } else {
            at.event(
                start, () -> life.calls().enter(op, patience, reply -> once.told(answer(reply))));
          }
        });
    sim.after(patience + slack(patience), () -> late(cluster, at, start, op, once));
  }

  /** The node's clock is slow by at most one in a hundred, and a turn that has begun runs to its end. */
  private static long slack(long patience) {
    return patience / 50 + 5 * Simulation.MS;
  }

  private static void late(Cluster cluster, SimNode at, int start, Op op, Told once) {
    if (op.answer == null) {
      Checks.that(
          at.starts() != start
              || !at.running()
              || !cluster.config().clocksAreRight()
              || cluster.wasStopped(at, op.invokedAt),
          op + " through " + at.name() + " was not answered by its deadline");
      once.told(new Op.Answer.Unknown("no answer"));
    }
  }

  private static Op.Answer answer(Calls.Reply reply) {
    return switch (reply) {
      case Calls.Reply.Done d -> new Op.Answer.Ok(d.value());
      case Calls.Reply.NotRun n -> new Op.Answer.NotRun(n.why());
      case Calls.Reply.Unknown u -> new Op.Answer.Unknown(u.why());
      case Calls.Reply.Moved ignored ->
          throw new Checks.Violation("a client was told that its call moved");
    };
  }
}
