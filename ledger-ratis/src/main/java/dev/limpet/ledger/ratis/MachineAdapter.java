package dev.limpet.ledger.ratis;

import dev.limpet.engine.Position;
import dev.limpet.engine.StateMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/*
 * Puts our state machine under Ratis. What Ratis' examples leave out, each of which costs data or the group:
 *
 * - the life cycle must be RUNNING, and PAUSED while a checkpoint is installed, or the first install closes the group;
 * - an install reads the directory again; the remembered checkpoint is the old one;
 * - a checkpoint is synced before its index is answered, because the log is trimmed right after;
 * - Ratis replays from its checkpoint, not from where the machine's own files stand: entries it has are skipped;
 * - an exception out of apply closes the group while the server looks alive: it stops the node instead.
 *
 * Threads: apply, checkpoint and install come from one Ratis thread; pause and the notices come from others, some of
 * them under Ratis' locks, and hand over at once.
 */
final class MachineAdapter extends BaseStateMachine {

  /** Who is told what happens to the replica. Calls come from Ratis' threads and must return at once. */
  interface Listener {
    /** The entry of this call is about to enter the leader's log; from now on its outcome is open. */
    void appending(long callId);

    /** An entry that has committed was applied. */
    void applied();

    void leadershipMayHaveChanged();

    void membershipChanged(RaftConfigurationProto members);

    void failed(Throwable cause);
  }

  private final StateMachine machine;
  private final Path ownDirectory;
  private final Listener listener;
  private final Checkpoints checkpoints = new Checkpoints();
  private final AtomicBoolean closed = new AtomicBoolean();

  // Held while a checkpoint is put in its place, so that an install does not swap the directory
  // underneath.
  private final ReentrantLock placing = new ReentrantLock();

  private volatile long machineIndex;
  private volatile long bytesSinceCheckpoint;

  MachineAdapter(StateMachine machine, Path ownDirectory, Listener listener) {
    this.machine = machine;
    this.ownDirectory = ownDirectory;
    this.listener = listener;
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage)
      throws IOException {
    getLifeCycle()
        .startAndTransition(() -> {
          super.initialize(server, group, storage);
          checkpoints.init(storage);
          Files.createDirectories(ownDirectory);
          var checkpoint = checkpoints.latest();
          var position = machine.open(ownDirectory, checkpoint == null ? null : checkpoint.state());
          startFrom(checkpoint, position, "open");
        });
  }

  private void startFrom(
      Checkpoints.@Nullable Checkpoint checkpoint, Position position, String step)
      throws IOException {
    long needed = checkpoint == null ? 0 : checkpoint.lastEntry();
    if (position.index() < needed) {
      throw new IOException(
          step
              + " of the state machine answered entry "
              + position.index()
              + ", but its checkpoint holds "
              + needed
              + ": the log in between is gone. Empty the data directory and let the node join as a new member");
    }
    machineIndex = position.index();
    setLastAppliedTermIndex(checkpoint == null ? TermIndex.INITIAL_VALUE : checkpoint.at());
  }

  @Override
  public TransactionContext preAppendTransaction(TransactionContext transaction) {
    var request = transaction.getClientRequest();
    if (request != null) {
      listener.appending(request.getCallId());
    }
    return transaction;
  }

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    var entry = transaction.getLogEntry();
    byte[] reply;
    try {
      reply = apply(entry);
    } catch (RuntimeException | Error e) {
      listener.failed(
          new IllegalStateException("applying entry " + entry.getIndex() + " failed", e));
      throw e;
    }
    updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    listener.applied();
    return CompletableFuture.completedFuture(
        Message.valueOf(UnsafeByteOperations.unsafeWrap(reply)));
  }

  private byte[] apply(LogEntryProto entry) {
    if (entry.getIndex() <= machineIndex) {
      return new byte[0];
    }
    var data = entry.getStateMachineLogEntry().getLogData();
    var reply = machine.apply(new Position(entry.getTerm(), entry.getIndex()), data.toByteArray());
    machineIndex = entry.getIndex();
    addBytes(data.size());
    return reply;
  }

  @SuppressWarnings({
    "NonAtomicOperationOnVolatileField",
    "NonAtomicVolatileUpdate"
  }) // one writer: the applying thread
  private void addBytes(int bytes) {
    bytesSinceCheckpoint = bytesSinceCheckpoint + bytes;
  }

  long bytesSinceCheckpoint() {
    return bytesSinceCheckpoint;
  }

  long appliedIndex() {
    return Math.max(0, getLastAppliedTermIndex().getIndex());
  }

  long checkpointIndex() {
    var checkpoint = checkpoints.latest();
    return checkpoint == null ? 0 : checkpoint.at().getIndex();
  }

  @Override
  public long takeSnapshot() {
    var at = getLastAppliedTermIndex();
    if (at.getIndex() <= 0 || at.getIndex() <= checkpointIndex()) {
      return RaftLog.INVALID_LOG_INDEX;
    }
    try {
      var scratch = checkpoints.scratch();
      machine.checkpoint(Checkpoints.stateOf(scratch));
      placing.lock();
      try {
        if (getLifeCycleState() != LifeCycle.State.RUNNING) {
          return RaftLog.INVALID_LOG_INDEX;
        }
        checkpoints.complete(scratch, at, machineIndex);
      } finally {
        placing.unlock();
      }
      bytesSinceCheckpoint = 0;
      return at.getIndex();
    } catch (IOException | RuntimeException e) {
      // Ratis would try again at every entry from here on.
      listener.failed(
          new IOException("writing a checkpoint at entry " + at.getIndex() + " failed", e));
      return RaftLog.INVALID_LOG_INDEX;
    }
  }

  @Override
  public void pause() {
    placing.lock();
    try {
      getLifeCycle().transition(LifeCycle.State.PAUSING);
      getLifeCycle().transition(LifeCycle.State.PAUSED);
      checkpoints.syncReceived();
    } catch (IOException e) {
      listener.failed(new IOException("syncing a received checkpoint failed", e));
    } finally {
      placing.unlock();
    }
  }

  @Override
  public void reinitialize() throws IOException {
    try {
      var checkpoint = checkpoints.reload();
      if (checkpoint == null) {
        throw new IOException("the received checkpoint cannot be read");
      }
      startFrom(checkpoint, machine.install(checkpoint.state()), "install");
      bytesSinceCheckpoint = 0;
      getLifeCycle().transition(LifeCycle.State.STARTING);
      getLifeCycle().transition(LifeCycle.State.RUNNING);
    } catch (IOException | RuntimeException e) {
      listener.failed(new IOException("installing a checkpoint failed", e));
      throw e;
    }
  }

  @Override
  public StateMachineStorage getStateMachineStorage() {
    return checkpoints;
  }

  @Override
  public @Nullable SnapshotInfo getLatestSnapshot() {
    return checkpoints.getLatestSnapshot();
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    listener.leadershipMayHaveChanged();
  }

  @Override
  public void notifyLeaderReady() {
    listener.leadershipMayHaveChanged();
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    listener.leadershipMayHaveChanged();
  }

  @Override
  public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto members) {
    listener.membershipChanged(members);
  }

  @Override
  public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
    var where = entry == null ? "" : " at entry " + entry.getIndex();
    listener.failed(new IOException("the log cannot be written" + where, cause));
  }

  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      machine.close();
    }
  }
}
