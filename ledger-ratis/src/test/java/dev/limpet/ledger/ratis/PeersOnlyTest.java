package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.CallOptions;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.MethodDescriptor;
import org.apache.ratis.thirdparty.io.grpc.Server;
import org.apache.ratis.thirdparty.io.grpc.ServerServiceDefinition;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.ClientCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.ServerCalls;
import org.apache.ratis.thirdparty.io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may call Ratis at its private port. */
@Timeout(60)
class PeersOnlyTest {
  private static final String PEERS = "ratis.grpc.RaftServerProtocolService";
  private static final String CLIENTS = "ratis.grpc.RaftClientProtocolService";

  private final AtomicInteger ran = new AtomicInteger();

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static MethodDescriptor<byte[], byte[]> method(String service) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(service + "/requestVote")
        .build();
  }

  private ServerServiceDefinition counting(String service) {
    return ServerServiceDefinition.builder(service)
        .addMethod(
            method(service),
            ServerCalls.asyncUnaryCall((byte[] request, StreamObserver<byte[]> answers) -> {
              ran.incrementAndGet();
              answers.onNext(request);
              answers.onCompleted();
            }))
        .build();
  }

  /** What becomes of a call without TLS. */
  private Status.Code call(String service, Predicate<InetSocketAddress> admits)
      throws IOException, InterruptedException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(counting(service));
    Server server =
        new PeersOnly(admits).customize(builder, EnumSet.allOf(GrpcServices.Type.class)).build();
    server.start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      channel, method(service), CallOptions.DEFAULT, new byte[] {1}));
      return refused == null ? Status.Code.OK : refused.getStatus().getCode();
    } finally {
      channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
      server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void peerThatIsAdmitted_isServed() throws Exception {
    assertThat(call(PEERS, from -> from.getAddress().isLoopbackAddress()))
        .isEqualTo(Status.Code.OK);
    assertThat(ran).hasValue(1);
  }

  @Test
  void neighbourOnThisMachine_thatIsNotHandedThrough_isRefused() throws Exception {
    assertThat(call(PEERS, from -> false)).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(ran).hasValue(0);
  }

  @Test
  void clientsOfRatis_areRefused_evenWhenAdmitted() throws Exception {
    assertThat(call(CLIENTS, from -> true)).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(ran).hasValue(0);
  }
}
