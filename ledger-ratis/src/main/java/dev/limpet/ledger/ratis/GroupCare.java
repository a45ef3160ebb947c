package dev.limpet.ledger.ratis;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.jspecify.annotations.Nullable;

/**
 * Looks after one group from outside: health, stalled leadership, checkpoints in time, and the leader's place. Ticked by
 * one thread; whatever may wait for Ratis' locks runs on virtual threads, at most one of each kind at a time.
 */
final class GroupCare {
  private static final System.Logger LOG = System.getLogger(GroupCare.class.getName());
  private static final long CHECKPOINT_TIMEOUT_MILLIS = 600_000;
  private static final long STEP_DOWN_TIMEOUT_MILLIS = 3_000;
  // A transfer refuses writes until it is done, so the target must be almost level before it
  // begins.
  private static final long TRANSFER_LAG_MAX = 256;
  private static final long YOUNG_ENTRIES = 64;

  private final RatisLog log;
  private final @Nullable RatisLog followed;
  private final List<RatisLog> followers;
  private final LogTuning tuning;
  private final Executor waiting;
  private final StallWatch stall;
  private final Affinity affinity = new Affinity();
  private final Misplaced misplaced = new Misplaced();
  private final AtomicBoolean checkpointing = new AtomicBoolean();
  private final AtomicBoolean moving = new AtomicBoolean();
  private final AtomicLong calls = new AtomicLong();
  private long lastCheckpointNanos;

  /**
   * @param followed the log whose leader this one's is to be beside, if any
   * @param followers the logs whose leaders are to be beside this one's
   */
  GroupCare(
      RatisLog log,
      @Nullable RatisLog followed,
      List<RatisLog> followers,
      LogTuning tuning,
      Executor waiting) {
    this.log = log;
    this.followed = followed;
    this.followers = followers;
    this.tuning = tuning;
    this.waiting = waiting;
    this.stall = new StallWatch(2 * tuning.electionTimeoutMax().toNanos());
    this.lastCheckpointNanos = System.nanoTime();
  }

  void tick(long nowNanos) {
    var division = log.division();
    if (division == null || log.isClosing()) {
      return;
    }
    log.checkHealth();
    if (!division.getInfo().isAlive()) {
      return;
    }
    log.leadershipMayHaveChanged();
    if (stall.stalled(
            nowNanos,
            division.getRaftLog().getLastCommittedIndex(),
            log.attempts().oldestNanos(nowNanos))
        && division.getInfo().isLeader()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "entries of {0} do not commit: giving up its leadership",
          log.name());
      transfer(division, null, STEP_DOWN_TIMEOUT_MILLIS);
    }
    checkpointInTime(division, nowNanos);
    if (followed != null) {
      var leads = followed.leadership();
      var target =
          affinity.moveTo(
              nowNanos,
              leads,
              log.leadership(),
              answers(division, leads.leader()),
              division.getRaftLog().getLastCommittedIndex() < YOUNG_ENTRIES);
      if (target != null) {
        moveLeader(division, target);
      }
    }
    if (misplaced.givesUp(
        nowNanos, log.leadership(), followers.stream().allMatch(RatisLog::votes))) {
      LOG.log(
          System.Logger.Level.INFO,
          "giving up the leadership of {0}: no other log can be led from here",
          log.name());
      moveOnce(() -> handOver(tuning.electionTimeoutMax().toMillis()));
    }
  }

  private void checkpointInTime(RaftServer.Division division, long nowNanos) {
    boolean due =
        nowNanos - lastCheckpointNanos > tuning.checkpointInterval().toNanos()
            || log.adapter().bytesSinceCheckpoint() > tuning.checkpointBytes();
    if (!due || log.adapter().appliedIndex() <= log.adapter().checkpointIndex()) {
      return;
    }
    if (checkpointing.compareAndSet(false, true)) {
      lastCheckpointNanos = nowNanos;
      waiting.execute(() -> {
        try {
          checkpoint(division).join();
        } catch (RuntimeException | IOException e) {
          LOG.log(System.Logger.Level.WARNING, "no checkpoint of " + log.name() + " this time", e);
        } finally {
          checkpointing.set(false);
        }
      });
    }
  }

  private CompletableFuture<RaftClientReply> checkpoint(RaftServer.Division division)
      throws IOException {
    return division
        .getRaftServer()
        .snapshotManagementAsync(
            SnapshotManagementRequest.newCreate(
                log.client(),
                log.self(),
                log.groupId(),
                calls.decrementAndGet(),
                CHECKPOINT_TIMEOUT_MILLIS,
                1));
  }

  /** Whether this replica leads, and is the node's or has had its answer within the time that surely starts an election. */
  private boolean answers(RaftServer.Division division, @Nullable String node) {
    if (!division.getInfo().isLeader()) {
      return false;
    }
    if (Voter.nodeOf(log.self()).equals(node)) {
      return true;
    }
    long patience = tuning.electionTimeoutMax().toMillis();
    return division.getInfo().getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
        .anyMatch(follower ->
            follower.getLastRpcElapsedTimeMs() < patience
                && Voter.nodeOf(RaftPeerId.valueOf(follower.getId().getId())).equals(node));
  }

  private void moveLeader(RaftServer.Division division, String node) {
    RaftPeer target = null;
    for (var peer : division.getRaftConf().getCurrentPeers()) {
      if (Voter.nodeOf(peer.getId()).equals(node)) {
        target = peer;
      }
    }
    if (target == null) {
      return;
    }
    long mine = division.getRaftLog().getLastCommittedIndex();
    var name = target.getId().toByteString();
    boolean level =
        division.getCommitInfos().stream()
            .anyMatch(info ->
                info.getServer().getId().equals(name)
                    && mine - info.getCommitIndex() < TRANSFER_LAG_MAX);
    if (level) {
      LOG.log(System.Logger.Level.INFO, "moving the leader of {0} to {1}", log.name(), node);
      transfer(division, target, tuning.electionTimeoutMax().toMillis());
    }
  }

  /** Gives leadership up: to a peer when one is named, else to whoever wins. */
  private void transfer(
      RaftServer.Division division, @Nullable RaftPeer target, long timeoutMillis) {
    moveOnce(() -> request(division, target == null ? null : target.getId(), timeoutMillis));
  }

  /** Moves the leader's place, unless that is under way. */
  private void moveOnce(Runnable move) {
    if (!moving.compareAndSet(false, true)) {
      return;
    }
    waiting.execute(() -> {
      try {
        move.run();
      } finally {
        moving.set(false);
      }
    });
  }

  /**
   * Before a planned end: hands a leadership of this replica to the follower that is furthest, so that nobody waits for
   * an election. Waits for at most the given time.
   *
   * @return whether this replica leads no more
   */
  boolean handOver(long timeoutMillis) {
    var division = log.division();
    if (division == null || !division.getInfo().isLeader()) {
      return true;
    }
    var self = log.self().toByteString();
    var members = division.getRaftConf().getCurrentPeers();
    var best =
        division.getCommitInfos().stream()
            .filter(info -> !info.getServer().getId().equals(self))
            .filter(info ->
                members.stream()
                    .anyMatch(peer -> peer.getId().toByteString().equals(info.getServer().getId())))
            .max(Comparator.comparingLong(CommitInfoProto::getCommitIndex));
    return best.isPresent()
        && request(division, RaftPeerId.valueOf(best.get().getServer().getId()), timeoutMillis);
  }

  private boolean request(
      RaftServer.Division division, @Nullable RaftPeerId target, long timeoutMillis) {
    var request =
        new TransferLeadershipRequest(
            log.client(),
            log.self(),
            log.groupId(),
            calls.decrementAndGet(),
            target,
            timeoutMillis);
    try {
      var reply = division.getRaftServer().transferLeadershipAsync(request).join();
      if (!reply.isSuccess()) {
        LOG.log(
            System.Logger.Level.INFO,
            "the leader of {0} stays: {1}",
            log.name(),
            reply.getException().getMessage());
      }
      return reply.isSuccess();
    } catch (RuntimeException | IOException e) {
      LOG.log(System.Logger.Level.INFO, "the leader of {0} stays: {1}", log.name(), e.getMessage());
      return false;
    }
  }
}
