package dev.limpet.cli.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A proxy between a client and a server that sends back what it gets, in each state of the two links. */
class LinkProxyTest {
  private static final int QUIET_MILLIS = 150;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int END = -1;

  private final BlockingQueue<Integer> arrived = new LinkedBlockingQueue<>();
  private ServerSocket server;
  private LinkProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread unused = Thread.ofVirtual().start(this::serve);
    proxy =
        LinkProxy.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new InetSocketAddress(server.getInetAddress(), server.getLocalPort()),
            7);
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread unused = Thread.ofVirtual().start(() -> echo(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void echo(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      for (int read = in.read(); read >= 0; read = in.read()) {
        arrived.add(read);
        socket.getOutputStream().write(read);
      }
    } catch (IOException e) {
      // A reset is an end, too.
    }
    arrived.add(END);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(proxy.address(), PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private int arrivesAtServer() throws InterruptedException {
    Integer next = arrived.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    assertThat(next).as("what arrives at the server").isNotNull();
    return next;
  }

  private static void expectQuiet(Socket socket) throws IOException {
    socket.setSoTimeout(QUIET_MILLIS);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  private static void say(Socket socket, int what) throws IOException {
    socket.getOutputStream().write(what);
  }

  @Test
  void goodLinks_passBytesBothWays() throws IOException {
    try (Socket socket = connect()) {
      say(socket, 1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
    }
  }

  @Test
  void stalledThere_holdsBytesUntilHealed_andTheConnectionStays() throws Exception {
    try (Socket socket = connect()) {
      say(socket, 1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      assertThat(arrivesAtServer()).isEqualTo(1);
      proxy.setThere(LinkState.STALLED);
      say(socket, 2);
      expectQuiet(socket);
      assertThat(arrived).isEmpty();
      proxy.setThere(LinkState.GOOD);
      assertThat(socket.getInputStream().read()).isEqualTo(2);
    }
  }

  @Test
  void stalledBack_theServerHears_andTheClientDoesNot() throws Exception {
    try (Socket socket = connect()) {
      say(socket, 1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      assertThat(arrivesAtServer()).isEqualTo(1);
      proxy.setBack(LinkState.STALLED);
      say(socket, 2);
      assertThat(arrivesAtServer()).isEqualTo(2);
      expectQuiet(socket);
      proxy.setBack(LinkState.GOOD);
      assertThat(socket.getInputStream().read()).isEqualTo(2);
    }
  }

  @Test
  void endOfAConnection_whileStalled_isNotTold_untilHealed() throws Exception {
    try (Socket socket = connect()) {
      say(socket, 1);
      assertThat(arrivesAtServer()).isEqualTo(1);
      proxy.setThere(LinkState.STALLED);
    }
    assertThat(arrived.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS)).isNull();
    proxy.setThere(LinkState.GOOD);
    assertThat(arrivesAtServer()).isEqualTo(END);
  }

  @Test
  void connectionMadeWhileStalled_comesAbout_andCarriesNothing_untilHealed() throws Exception {
    proxy.setThere(LinkState.STALLED);
    try (Socket socket = connect()) {
      say(socket, 3);
      expectQuiet(socket);
      assertThat(arrived).isEmpty();
      proxy.setThere(LinkState.GOOD);
      assertThat(socket.getInputStream().read()).isEqualTo(3);
    }
  }

  @Test
  void refused_resetsConnections_andRefusesNewOnes_untilHealed() throws Exception {
    try (Socket socket = connect()) {
      say(socket, 1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      proxy.setBack(LinkState.REFUSED);
      assertThat(ended(socket)).as("whether the connection has ended").isTrue();
    }
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    proxy.setBack(LinkState.GOOD);
    try (Socket socket = connect()) {
      say(socket, 2);
      assertThat(socket.getInputStream().read()).isEqualTo(2);
    }
  }

  private static boolean ended(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void deadServer_isAResetToTheClient() throws Exception {
    server.close();
    boolean ended;
    try (Socket socket = connect()) {
      ended = ended(socket);
    } catch (SocketException e) {
      // As early as that.
      ended = true;
    }
    assertThat(ended).as("whether the connection has ended").isTrue();
  }

  @Test
  void delayed_bothWays_takesBothDelays() throws Exception {
    try (Socket socket = connect()) {
      say(socket, 1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      proxy.setThere(LinkState.delayed(60, 20));
      proxy.setBack(LinkState.delayed(60, 20));
      long began = System.nanoTime();
      say(socket, 2);
      assertThat(socket.getInputStream().read()).isEqualTo(2);
      assertThat(System.nanoTime() - began)
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(120));
    }
  }

  @Test
  void lossy_delaysWhatIsLostByARetransmission_andDropsNothing() throws Exception {
    try (Socket socket = connect()) {
      proxy.setThere(LinkState.lossy(90));
      long began = System.nanoTime();
      for (int i = 0; i < 10; i++) {
        say(socket, i);
        assertThat(socket.getInputStream().read()).isEqualTo(i);
      }
      assertThat(System.nanoTime() - began)
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
    }
  }

  @Test
  void slow_passesNoMoreThanItsBytesPerSecond() throws Exception {
    try (Socket socket = connect()) {
      say(socket, 1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      proxy.setThere(LinkState.slow(20_000));
      long began = System.nanoTime();
      socket.getOutputStream().write(new byte[10_000]);
      assertThat(socket.getInputStream().readNBytes(10_000)).hasSize(10_000);
      assertThat(System.nanoTime() - began)
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(490));
    }
  }

  @Test
  void corrupting_flipsSomeBits_andCountsThem() throws Exception {
    try (Socket socket = connect()) {
      proxy.setThere(LinkState.corrupting(1));
      int flipped = 0;
      for (int i = 0; i < 5; i++) {
        say(socket, 0);
        flipped += Integer.bitCount(socket.getInputStream().read());
      }
      assertThat(flipped).isEqualTo(5);
      assertThat(proxy.flipped()).isEqualTo(5);
    }
  }
}
