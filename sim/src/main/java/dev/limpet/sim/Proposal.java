package dev.limpet.sim;

import org.jspecify.annotations.Nullable;

/**
 * One proposal from any node: finds the leader, and, if it may, sends the same again when no answer comes. So the same
 * entry may be committed twice, and long after its proposer has given up; now and then the network doubles it.
 */
final class Proposal<C, R> {
  private static final long PATIENCE = 250 * Simulation.MS;

  /** Told once: the applied entry, or null when it is not known what came of it; and how often it was sent. */
  interface Then<R> {
    void done(SimLog.@Nullable Applied<R> applied, int attempts);
  }

  private final SimNode node;
  private final Cluster cluster;
  private final SimLog<C, R> log;
  private final C command;
  private final int attemptsMax;
  private final Then<R> then;
  private int attempts;
  private boolean done;

  Proposal(
      SimNode node, Cluster cluster, SimLog<C, R> log, C command, boolean again, Then<R> then) {
    this.node = node;
    this.cluster = cluster;
    this.log = log;
    this.command = command;
    this.attemptsMax = again ? 4 : 1;
    this.then = then;
  }

  void send() {
    int attempt = ++attempts;
    Simulation sim = cluster.sim();
    int leader = log.leader();
    int to =
        leader < 0 || sim.chance(0.05) ? sim.random().nextInt(cluster.config().nodes()) : leader;
    for (int copies = sim.chance(0.02) ? 2 : 1; copies > 0; copies--) {
      send(to, attempt);
    }
    node.after(PATIENCE, () -> next(attempt));
  }

  private void send(int to, int attempt) {
    cluster
        .net()
        .send(
            node.number(),
            to,
            () ->
                log.append(
                    to,
                    command,
                    applied ->
                        cluster.net().send(to, node.number(), () -> answer(attempt, applied))));
  }

  private void answer(int attempt, SimLog.@Nullable Applied<R> applied) {
    if (applied != null) {
      finish(applied);
    } else {
      node.after(10 * Simulation.MS, () -> next(attempt));
    }
  }

  private void next(int attempt) {
    if (done || attempt != attempts) {
      return;
    }
    if (attempts >= attemptsMax) {
      finish(null);
    } else {
      send();
    }
  }

  private void finish(SimLog.@Nullable Applied<R> applied) {
    if (!done) {
      done = true;
      then.done(applied, attempts);
    }
  }
}
