package dev.limpet.ledger.ratis;

import java.util.Objects;
import java.util.function.Function;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/*
 * Ratis makes it from its name, by reflection and with a class loader of its own choice, so that it may be another class
 * than the one that asked for it. Between the two stand only types of the JDK and of Ratis.
 */
/** Ratis' gRPC with our {@link Appenders}. */
final class PeerRpc implements RpcType {
  private static final String APPENDERS = "limpet.appenders";

  @Override
  public String name() {
    return PeerRpc.class.getName();
  }

  /** What {@link #newFactory} takes the appenders from: a function of a division, its state as leader, and a follower. */
  static void put(Parameters parameters, Appenders appenders) {
    Function<Object[], LogAppender> create =
        made ->
            appenders.create(
                (RaftServer.Division) made[0], (LeaderState) made[1], (FollowerInfo) made[2]);
    parameters.put(APPENDERS, create, Function.class);
  }

  @Override
  @SuppressWarnings("unchecked") // as put() put it
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(
        parameters,
        (Function<Object[], LogAppender>)
            Objects.requireNonNull(
                parameters.get(APPENDERS, Function.class), "the parameters hold no appenders"));
  }

  private static final class Factory extends GrpcFactory {
    private final Function<Object[], LogAppender> appenders;

    Factory(Parameters parameters, Function<Object[], LogAppender> appenders) {
      super(parameters);
      this.appenders = appenders;
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      return appenders.apply(new Object[] {server, state, follower});
    }
  }
}
