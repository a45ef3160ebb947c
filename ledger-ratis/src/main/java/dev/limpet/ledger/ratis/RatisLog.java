package dev.limpet.ledger.ratis;

import dev.limpet.engine.Applied;
import dev.limpet.engine.Leadership;
import dev.limpet.engine.LogException;
import dev.limpet.engine.NotLeaderException;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.engine.StateMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/** One group's replica on this node. */
final class RatisLog implements ReplicatedLog, MachineAdapter.Listener {
  private static final System.Logger LOG = System.getLogger(RatisLog.class.getName());

  private static final long REMOVED_NANOS = 2_000_000_000L;

  private final String name;
  private final RaftGroupId groupId;
  private final RaftPeerId self;
  private final int entryBytesMax;
  private final StateMachine machine;
  private final MachineAdapter adapter;
  private final Runnable onApplied;
  private final Executor notices;
  private final Executor completions;
  private final Consumer<Throwable> onEnded;
  private final Consumer<Throwable> onFatal;
  private final ClientId client = ClientId.randomId();
  private final Attempts attempts = new Attempts();

  private volatile RaftServer.@Nullable Division division;
  private volatile Leadership leadership = Leadership.UNKNOWN;
  private volatile boolean member = true;
  private volatile boolean level;
  private volatile boolean closing;
  private long endedNanos; // the ticker's

  /**
   * @param onApplied told on Ratis' applying thread; returns at once
   * @param notices one thread, on which the machine is told who leads
   * @param completions where the answers of appends are completed; not Ratis' applying thread, which a caller could
   *     then hold up
   */
  RatisLog(
      String name,
      RaftGroupId groupId,
      RatisConfig config,
      Path machineDirectory,
      StateMachine machine,
      Runnable onApplied,
      Executor notices,
      Executor completions,
      Consumer<Throwable> onEnded,
      Consumer<Throwable> onFatal) {
    this.name = name;
    this.groupId = groupId;
    this.self = config.self().peerId();
    this.entryBytesMax = config.tuning().entryBytesMax();
    this.machine = machine;
    this.adapter = new MachineAdapter(machine, machineDirectory, this);
    this.onApplied = onApplied;
    this.notices = notices;
    this.completions = completions;
    this.onEnded = onEnded;
    this.onFatal = onFatal;
  }

  void started(RaftServer.Division running) {
    division = running;
    leadershipMayHaveChanged();
  }

  @Override
  public CompletableFuture<Applied> append(byte[] entry) {
    var running = division;
    if (entry.length > entryBytesMax) {
      return CompletableFuture.failedFuture(
          new LogException(
              "an entry of "
                  + entry.length
                  + " bytes is over the limit of "
                  + entryBytesMax
                  + ": split it",
              false));
    }
    if (running == null || closing) {
      return CompletableFuture.failedFuture(
          new LogException("the log " + name + " is not open on this node", false));
    }
    var attempt = attempts.begin(System.nanoTime());
    // The last step is for the answer that finds the executor closed; otherwise it comes too late
    // to matter.
    var unused =
        submit(running.getRaftServer(), attempt, UnsafeByteOperations.unsafeWrap(entry))
            .whenCompleteAsync((reply, failure) -> finish(attempt, reply, failure), completions)
            .whenComplete(
                (reply, failure) -> attempts.fail(attempt, "the log " + name + " was closed"));
    return attempt.answer;
  }

  private void finish(
      Attempts.Attempt attempt, @Nullable RaftClientReply reply, @Nullable Throwable failure) {
    attempts.end(attempt);
    try {
      attempt.answer.complete(answer(attempt, reply, failure));
    } catch (LogException e) {
      attempt.answer.completeExceptionally(e);
    }
  }

  private CompletableFuture<RaftClientReply> submit(
      RaftServer server, Attempts.Attempt attempt, ByteString entry) {
    var request =
        RaftClientRequest.newBuilder()
            .setClientId(client)
            .setServerId(self)
            .setGroupId(groupId)
            .setCallId(attempt.callId)
            .setMessage(Message.valueOf(entry))
            .setType(RaftClientRequest.writeRequestType())
            .build();
    try {
      return server.submitClientRequestAsync(request);
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Applied answer(
      Attempts.Attempt attempt, @Nullable RaftClientReply reply, @Nullable Throwable failure) {
    if (reply != null && reply.isSuccess()) {
      return new Applied(reply.getLogIndex(), reply.getMessage().getContent().toByteArray());
    }
    var cause =
        reply != null && reply.getException() != null ? reply.getException() : unwrap(failure);
    if (attempt.appended) {
      throw new LogException(
          "the entry is in the log of " + name + " but was not seen to commit", true, cause);
    }
    if (cause instanceof org.apache.ratis.protocol.exceptions.NotLeaderException other) {
      var leader = other.getSuggestedLeader();
      throw new NotLeaderException(
          leader != null ? Voter.nodeOf(leader.getId()) : leadership.leader());
    }
    if (cause instanceof LeaderNotReadyException) {
      throw new NotLeaderException(Voter.nodeOf(self));
    }
    if (cause instanceof LeaderSteppingDownException) {
      throw new NotLeaderException(null);
    }
    if (cause instanceof ResourceUnavailableException) {
      throw new LogException(
          "too many entries wait for the log " + name + ": slow down", false, cause);
    }
    throw new LogException("the log " + name + " did not take the entry", false, cause);
  }

  private static Throwable unwrap(@Nullable Throwable failure) {
    var cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause == null ? new IllegalStateException("no answer and no failure") : cause;
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public long appliedIndex() {
    return adapter.appliedIndex();
  }

  @Override
  public int entryBytesMax() {
    return entryBytesMax;
  }

  /** Looks again who leads, and tells the machine when that changed. Runs on the notices thread only. */
  private void look() {
    var running = division;
    if (running == null) {
      return;
    }
    var info = running.getInfo();
    for (int i = 0; i < 8; i++) {
      long term = info.getCurrentTerm();
      var leader = info.getLeaderId();
      boolean ready =
          info.isLeader() && info.isLeaderReady() && self.equals(leader) && info.isAlive();
      if (term == info.getCurrentTerm()) {
        publish(new Leadership(term, leader == null ? null : Voter.nodeOf(leader), ready));
        return;
      }
    }
  }

  private void publish(Leadership now) {
    var before = leadership;
    if (now.equals(before)) {
      return;
    }
    leadership = now;
    if (before.self() != now.self()) {
      LOG.log(
          System.Logger.Level.INFO,
          "{0} of {1} in term {2}",
          now.self() ? "leads" : "no longer leads",
          name,
          Long.toString(now.term()));
    }
    try {
      machine.leadershipChanged(now);
    } catch (RuntimeException e) {
      failed(
          new IllegalStateException(
              "the state machine of " + name + " failed when told of " + now, e));
    }
  }

  @Override
  public void leadershipMayHaveChanged() {
    try {
      notices.execute(this::look);
    } catch (RejectedExecutionException e) {
      if (!closing) {
        throw e;
      }
    }
  }

  @Override
  public void appending(long callId) {
    attempts.appending(callId);
  }

  @Override
  public void applied() {
    onApplied.run();
  }

  @Override
  public void membershipChanged(RaftConfigurationProto members) {
    member =
        members.getPeersList().stream()
            .anyMatch(peer -> RaftPeerId.valueOf(peer.getId()).equals(self));
  }

  @Override
  public void failed(Throwable cause) {
    if (!closing) {
      onFatal.accept(cause);
    }
  }

  /** Ratis closes a division on its own while the server looks alive; nobody is told. */
  void checkHealth() {
    var running = division;
    if (running == null || closing || !member) {
      return;
    }
    var state = running.getInfo().getLifeCycleState();
    if (!state.isClosingOrClosed() && state != LifeCycle.State.EXCEPTION) {
      endedNanos = 0;
      return;
    }
    long now = System.nanoTime();
    endedNanos = endedNanos == 0 ? now : endedNanos;
    var cause = new IllegalStateException("Ratis gave up the log " + name + " (" + state + ")");
    if (state == LifeCycle.State.EXCEPTION) {
      failed(cause);
    } else if (now - endedNanos > REMOVED_NANOS) {
      // The others end the replica of a candidate that they do not count: of one that was removed
      // while its node was away, which will hear of it, or of one whose adding was given up
      // halfway,
      // because the leader that added it lost its place.
      onEnded.accept(cause);
    }
  }

  /** Whether this replica runs and votes, as far as its log says. */
  boolean votes() {
    var running = division;
    return running != null
        && running.getInfo().isAlive()
        && running.getRaftConf().getCurrentPeers().stream()
            .anyMatch(peer -> peer.getId().equals(self));
  }

  /**
   * Whether its machine has once come as far as the entry by which it votes. Ratis adds a voter whose log has caught up;
   * applying all that may take many seconds more, on a machine that is new and cold.
   */
  boolean level() {
    var running = division;
    if (!level && running != null) {
      level = votes() && adapter.appliedIndex() >= running.getRaftConf().getLogEntryIndex();
    }
    return level;
  }

  /** This replica was removed: its end is no failure. */
  void retire() {
    member = false;
  }

  void closing() {
    closing = true;
  }

  /** Ends what a closed Ratis left open. */
  void closed() {
    leadership = new Leadership(leadership.term(), null, false);
    attempts.failAll("the log " + name + " was closed");
  }

  String name() {
    return name;
  }

  RaftGroupId groupId() {
    return groupId;
  }

  RaftPeerId self() {
    return self;
  }

  ClientId client() {
    return client;
  }

  MachineAdapter adapter() {
    return adapter;
  }

  Attempts attempts() {
    return attempts;
  }

  RaftServer.@Nullable Division division() {
    return division;
  }

  boolean isClosing() {
    return closing;
  }
}
