package peers;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Frames of 64 bytes there and back on one connection. Callers are virtual threads that wait for their answer, as a
 * library's callers do; the server answers on the event loop, or on a virtual thread for each request.
 */
public final class NettyEcho {
  private static final int FRAME = 64;
  private static final int SAMPLES = 20_000;

  private NettyEcho() {}

  private record Io(
      IoHandlerFactory loop, Class<? extends ServerChannel> server, Class<? extends Channel> client) {
    static Io of(String name) {
      return switch (name) {
        case "nio" ->
            new Io(NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class);
        case "epoll" ->
            new Io(
                EpollIoHandler.newFactory(),
                EpollServerSocketChannel.class,
                EpollSocketChannel.class);
        case "io_uring" ->
            new Io(
                IoUringIoHandler.newFactory(),
                IoUringServerSocketChannel.class,
                IoUringSocketChannel.class);
        default -> throw new IllegalArgumentException(name);
      };
    }
  }

  public static void main(String[] args) throws Exception {
    Io io = Io.of(args[1]);
    if (args[0].equals("serve")) {
      serve(io, args[2], args[3].equals("virtual"));
    } else {
      load(
          io,
          args[2],
          Integer.parseInt(args[3]),
          Integer.parseInt(args[4]),
          Integer.parseInt(args[5]),
          args[1] + "-" + args[2]);
    }
    System.exit(0);
  }

  private static SslContext tls(String kind, boolean server) throws Exception {
    if (kind.equals("plain")) {
      return null;
    }
    X509Bundle own =
        new CertificateBuilder()
            .subject("CN=localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    SslContextBuilder builder =
        server
            ? SslContextBuilder.forServer(own.toKeyManagerFactory())
            : SslContextBuilder.forClient()
                .endpointIdentificationAlgorithm(null)
                .trustManager(InsecureTrustManagerFactory.INSTANCE);
    return builder
        .protocols("TLSv1.3")
        .sslProvider(kind.equals("openssl") ? SslProvider.OPENSSL : SslProvider.JDK)
        .build();
  }

  private static ChannelInitializer<Channel> pipeline(SslContext tls, ChannelDuplexHandler last) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (tls != null) {
          channel.pipeline().addLast(tls.newHandler(channel.alloc()));
        }
        channel.pipeline().addLast(new FlushConsolidationHandler(256, true));
        channel.pipeline().addLast(new LengthFieldBasedFrameDecoder(1 << 20, 0, 4));
        channel.pipeline().addLast(last);
      }
    };
  }

  private static void serve(Io io, String tls, boolean virtual) throws Exception {
    ChannelDuplexHandler echo =
        new ChannelDuplexHandler() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object message) {
            if (virtual) {
              Thread.startVirtualThread(() -> context.writeAndFlush(message));
            } else {
              context.write(message);
            }
          }

          @Override
          public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
          }
        };
    Channel channel =
        new ServerBootstrap()
            .group(new MultiThreadIoEventLoopGroup(1, io.loop()))
            .channel(io.server())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(pipeline(tls(tls, true), echo))
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    System.out.println("UP " + ((InetSocketAddress) channel.localAddress()).getPort());
    channel.closeFuture().sync();
  }

  private static void load(Io io, String tls, int port, int window, int seconds, String name)
      throws Exception {
    Caller[] callers = new Caller[window];
    ChannelDuplexHandler answers =
        new ChannelDuplexHandler() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf frame = (ByteBuf) message;
            Caller caller = callers[frame.getInt(4)];
            frame.release();
            caller.answered = true;
            LockSupport.unpark(caller.thread);
          }
        };
    Channel channel =
        new Bootstrap()
            .group(new MultiThreadIoEventLoopGroup(1, io.loop()))
            .channel(io.client())
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(pipeline(tls(tls, false), answers))
            .connect("127.0.0.1", port)
            .sync()
            .channel();
    for (int run = 0; run < 3; run++) {
      long start = System.nanoTime();
      long end = start + seconds * 1_000_000_000L;
      for (int i = 0; i < window; i++) {
        callers[i] = new Caller(channel, i, end);
      }
      for (Caller caller : callers) {
        caller.thread = Thread.ofVirtual().unstarted(caller);
      }
      for (Caller caller : callers) {
        caller.thread.start();
      }
      for (Caller caller : callers) {
        caller.thread.join();
      }
      double lasted = (System.nanoTime() - start) / 1e9;
      long done = Arrays.stream(callers).mapToLong(c -> c.done).sum();
      long[] sorted =
          Arrays.stream(callers)
              .flatMapToLong(c -> Arrays.stream(c.samples, 0, (int) Math.min(c.done, SAMPLES)))
              .sorted()
              .toArray();
      // The first two runs warm up.
      if (run == 2) {
        System.out.printf(
            Locale.ROOT,
            "RESULT case=netty mode=%s inFlight=%d rate=%.0f/s p50=%.1fus p99=%.1fus%n",
            name,
            window,
            done / lasted,
            sorted[sorted.length / 2] / 1e3,
            sorted[(int) (sorted.length * 0.99)] / 1e3);
      }
    }
  }

  private static final class Caller implements Runnable {
    private final Channel channel;
    private final int number;
    private final long end;
    private final long[] samples = new long[SAMPLES];
    private long done;
    private Thread thread;
    private volatile boolean answered;

    Caller(Channel channel, int number, long end) {
      this.channel = channel;
      this.number = number;
      this.end = end;
    }

    @Override
    public void run() {
      long before = System.nanoTime();
      while (before < end) {
        answered = false;
        ByteBuf frame = channel.alloc().directBuffer(FRAME);
        frame.writeInt(FRAME - 4).writeInt(number).writeZero(FRAME - 8);
        channel.writeAndFlush(frame, channel.voidPromise());
        while (!answered) {
          LockSupport.park(this);
        }
        long now = System.nanoTime();
        samples[(int) (done++ % SAMPLES)] = now - before;
        before = now;
      }
    }
  }
}
