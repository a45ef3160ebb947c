package dev.limpet.ledger.ratis;

import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.function.Predicate;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.Grpc;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;

/**
 * Refuses Ratis' client and admin services at the port: appends come from this JVM, and a stranger who reaches the port
 * must not append, change membership or remove a group. Refuses everything to connections that are not admitted: others
 * on this machine reach the port, too. And it has the port listen without TLS, which ends before it.
 */
final class PeersOnly implements GrpcServices.Customizer, ServerInterceptor {
  private static final String PEERS = "RaftServerProtocolService";

  private final Predicate<InetSocketAddress> admits;

  PeersOnly(Predicate<InetSocketAddress> admits) {
    this.admits = admits;
  }

  @Override
  public NettyServerBuilder customize(
      NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
    // The one that is added last is asked first.
    return builder.sslContext(null).intercept(new ProvenCommits()).intercept(this);
  }

  @Override
  public <Q, P> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, P> call, Metadata headers, ServerCallHandler<Q, P> next) {
    var service = call.getMethodDescriptor().getServiceName();
    if (service != null && service.endsWith(PEERS) && isAdmitted(call)) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.PERMISSION_DENIED.withDescription("only replicas may call this port"),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private boolean isAdmitted(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress from
        && admits.test(from);
  }
}
