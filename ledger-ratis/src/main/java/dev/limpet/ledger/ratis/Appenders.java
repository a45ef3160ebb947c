package dev.limpet.ledger.ratis;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.util.AwaitForSignal;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;

/*
 * A follower learns that an entry has committed from the leader's next message. Ratis can see to it that there is one: it
 * appends an entry of its own after each that commits, which every replica syncs to its disk again, and which doubles what
 * an entry costs. An empty message says the same, if it shows the follower which entry it has in common with the leader,
 * and that is known only once all that was sent was answered.
 */
/** Those who send the entries of the groups that are led here, one for each follower. Thread-safe. */
final class Appenders {
  private final Map<RaftGroupId, Map<RaftPeerId, Appender>> running = new ConcurrentHashMap<>();

  /** Tells the followers of a group now how far it has committed; does nothing where it is not led. */
  void tellCommitted(RaftGroupId group) {
    Map<RaftPeerId, Appender> followers = running.get(group);
    if (followers != null) {
      followers.values().forEach(Appender::tellCommitted);
    }
  }

  GrpcLogAppender create(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
    Map<RaftPeerId, Appender> followers =
        running.computeIfAbsent(
            server.getMemberId().getGroupId(), group -> new ConcurrentHashMap<>());
    Appender created = new Appender(server, state, follower, followers);
    followers.put(follower.getId(), created);
    return created;
  }

  /** Ratis' appender, which can be asked for such a message, with a signal that it does not miss. */
  private static final class Appender extends GrpcLogAppender {
    private final StickySignal signal;
    private final Map<RaftPeerId, Appender> followers;
    private final AtomicBoolean wanted = new AtomicBoolean(); // the follower is to be told

    Appender(
        RaftServer.Division server,
        LeaderState state,
        FollowerInfo follower,
        Map<RaftPeerId, Appender> followers) {
      super(server, state, follower);
      this.signal = new StickySignal(follower.getName());
      this.followers = followers;
    }

    void tellCommitted() {
      if (wanted.compareAndSet(false, true)) {
        notifyLogAppender();
      }
    }

    /** Whether an empty message is due: entries that are to be sent would tell as well. */
    private boolean due() {
      return wanted.get() && !hasPendingDataRequests() && !hasAppendEntries();
    }

    @Override
    public boolean shouldSendAppendEntries() {
      return due() || super.shouldSendAppendEntries();
    }

    @Override
    public long getHeartbeatWaitTimeMs() {
      return due() ? 0 : super.getHeartbeatWaitTimeMs();
    }

    @Override
    public @Nullable AppendEntriesRequestProto newAppendEntriesRequest(
        long callId, boolean heartbeat) throws RaftLogIOException {
      // Looked at first: an answer that comes meanwhile wakes this appender again.
      boolean unanswered = hasPendingDataRequests();
      boolean empty = heartbeat || due();
      boolean tells = wanted.getAndSet(false);
      AppendEntriesRequestProto request = super.newAppendEntriesRequest(callId, empty);
      if (tells && unanswered && (request == null || !request.hasPreviousLog())) {
        wanted.set(true);
      }
      return request;
    }

    @Override
    public AwaitForSignal getEventAwaitForSignal() {
      return signal;
    }

    @Override
    public CompletableFuture<LifeCycle.State> stopAsync() {
      followers.remove(getFollowerId(), this);
      return super.stopAsync();
    }
  }
}
