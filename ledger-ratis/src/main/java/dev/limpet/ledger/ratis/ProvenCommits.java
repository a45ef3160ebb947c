package dev.limpet.ledger.ratis;

import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;

/*
 * A follower may take an entry for committed only if the leader's message shows that both have the same: those up to the
 * one that the message names as the previous, and those in it. Ratis 3.3.0 counts one too many when no previous one is
 * named (ServerImplUtils.effectiveCommitIndex takes index 0 for it, where it means none). In a new group of which several
 * have led for a moment, as on a busy machine, each has another entry at index 0; a heartbeat then makes a follower commit
 * its own, and it never takes the leader's: this replica stands still for ever.
 *
 * So the leader's commit index is lowered in such messages. That is always safe: it is only learned later.
 */
/** Lets a follower commit only what a message shows it to have in common with the leader. */
final class ProvenCommits implements ServerInterceptor {
  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      @Override
      @SuppressWarnings("unchecked") // the same type as the message's own
      public void onMessage(Q message) {
        super.onMessage(
            message instanceof AppendEntriesRequestProto append ? (Q) proven(append) : message);
      }
    };
  }

  static AppendEntriesRequestProto proven(AppendEntriesRequestProto append) {
    long proven = append.getEntriesCount() - 1L;
    return append.hasPreviousLog() || append.getLeaderCommit() <= proven
        ? append
        : append.toBuilder().setLeaderCommit(proven).build();
  }
}
