package dev.limpet.transport;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** A connection under TLS 1.3, on which both sides have shown certificates of this cluster. */
/*
 * The JDK's engine around a plain wire, so that what the plain wire promises still holds: writers are the callers
 * themselves, never wait for a slow peer, and an interrupt costs nobody the connection.
 *
 * What the writer needs to know is what has left. So bytes count as taken only when the records that carry them went to
 * the socket: they are encrypted into netOut first (several records, one system call), and the caller, who offers again
 * what was not taken, is not asked for them twice. While a batch is only partly sent, a share of its bytes counts, so
 * that a slow peer is told from one that stands still.
 *
 * The reader must write now and then (an answer to a change of keys): it puts that behind what is pending, under the
 * same lock, and leaves the rest to the next writer. Nothing waits under that lock once the handshake is over.
 *
 * No close_notify is sent at the end: what a connection's end leaves open is told by the calls that were not answered.
 */
final class TlsWire implements Wire {
  private static final int RECORDS = 4; // as many as one chunk of frames fills
  private static final byte HANDSHAKE_RECORD = 22;
  private static final int LINGER_BYTES_MAX = 64 << 10;
  private static final long LINGER_NANOS = 250_000_000;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketWire socket;
  private final Tls tls;
  private final SSLEngine engine;
  private final InetSocketAddress peer;
  private final Counters counters;
  private final int recordBytes;
  private final int clearBytes;

  // The reader's. Both hold what is to be read next between position and limit.
  private final ByteBuffer netIn;
  private final ByteBuffer clearIn;
  private boolean ended;

  private final Object out = new Object();
  // Guarded by out.
  private final ByteBuffer netOut; // encrypted and not sent, between position and limit
  private int owed; // bytes of the caller's that stand in netOut
  private int reported; // how many of them count as taken
  private int batchBytes; // what netOut held at first
  private int batchSent;

  private PeerName name = new PeerName("", "");
  private X509Certificate[] chain = {};

  private TlsWire(
      SocketWire socket, Tls tls, SSLEngine engine, InetSocketAddress peer, Counters counters) {
    this.socket = socket;
    this.tls = tls;
    this.engine = engine;
    this.peer = peer;
    this.counters = counters;
    this.recordBytes = engine.getSession().getPacketBufferSize();
    this.clearBytes = engine.getSession().getApplicationBufferSize();
    this.netIn = ByteBuffer.allocateDirect(RECORDS * recordBytes).limit(0);
    this.clearIn = ByteBuffer.allocate(clearBytes).limit(0);
    // One more than is filled with the callers' bytes: for the reader's answers.
    this.netOut = ByteBuffer.allocateDirect((RECORDS + 1) * recordBytes).limit(0);
  }

  /** The connecting side: shows this node's certificate and judges the other's. */
  static TlsWire dial(
      SocketWire socket, Tls tls, InetSocketAddress peer, Counters counters, long timeoutNanos)
      throws IOException {
    TlsWire wire = new TlsWire(socket, tls, tls.dialing(peer), peer, counters);
    try {
      wire.shakeHands(System.nanoTime() + timeoutNanos);
    } catch (HostileBytes | Refusal e) {
      wire.sendAlert();
      throw e;
    } catch (EOFException | SocketException e) {
      throw new IOException(
          "the connection ended in the TLS handshake ("
              + e.getMessage()
              + "): perhaps the other side has no TLS",
          e);
    }
    return wire;
  }

  /** The accepting side, which has yet to {@link #accept}. */
  static TlsWire accepted(SocketWire socket, Tls tls, InetSocketAddress peer, Counters counters) {
    return new TlsWire(socket, tls, tls.accepting(), peer, counters);
  }

  /**
   * Judges the other side's certificate and shows this node's. Who was refused is told by {@link #sendAlert}.
   *
   * @return false when the other side closed without a byte
   */
  boolean accept(long timeoutNanos) throws IOException {
    long deadline = System.nanoTime() + timeoutNanos;
    if (!fill(deadline)) {
      return false;
    }
    requireTls();
    shakeHands(deadline);
    return true;
  }

  /** Whom the other side's certificate is for. */
  PeerName name() {
    return name;
  }

  X509Certificate[] chain() {
    return chain;
  }

  // ---- the handshake, on the reader's thread

  private void shakeHands(long deadline) throws IOException {
    try {
      engine.beginHandshake();
      HandshakeStatus status = engine.getHandshakeStatus();
      while (status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED) {
        switch (status) {
          case NEED_TASK -> runTasks();
          case NEED_WRAP -> answer(deadline);
          default -> takeHandshake(deadline);
        }
        status = engine.getHandshakeStatus();
      }
      chain = (X509Certificate[]) engine.getSession().getPeerCertificates();
      name = PeerName.of(chain[0]);
    } catch (SSLException e) {
      throw told(e);
    } catch (CertificateException e) {
      throw refusal("its certificate: " + e.getMessage());
    } catch (RuntimeException e) {
      throw broken(e);
    }
    tls.opened(this);
  }

  private void takeHandshake(long deadline) throws IOException {
    clearIn.compact();
    SSLEngineResult result;
    try {
      result = engine.unwrap(netIn, clearIn);
    } finally {
      clearIn.flip();
    }
    switch (result.getStatus()) {
      case BUFFER_UNDERFLOW -> {
        if (!fill(deadline)) {
          throw new EOFException("closed by the other side");
        }
      }
      case CLOSED -> throw new EOFException("closed by the other side");
      case BUFFER_OVERFLOW -> throw new HostileBytes("data before the handshake was over");
      case OK -> {}
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /** Sends what the engine has to say, and waits until it has left. */
  private void answer(long deadline) throws IOException {
    synchronized (out) {
      appendAnswer();
      while (netOut.hasRemaining()) {
        if (socket.write(netOut) == 0) {
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            throw new SocketTimeoutException(peer + " did not read the TLS handshake in time");
          }
          socket.awaitWritable(left);
        }
      }
    }
  }

  /** False at the end. */
  private boolean fill(long deadline) throws IOException {
    int n = receive(Math.max(0, deadline - System.nanoTime()));
    if (n == 0) {
      throw new SocketTimeoutException(peer + " did not finish the TLS handshake in time");
    }
    return n > 0;
  }

  private int receive(long timeoutNanos) throws IOException {
    netIn.compact();
    try {
      return socket.read(netIn, timeoutNanos);
    } finally {
      netIn.flip();
    }
  }

  private void requireTls() throws IOException {
    if (netIn.get(netIn.position()) == HANDSHAKE_RECORD) {
      return;
    }
    counters.tlsRefusals.increment();
    if (Opening.isOurs(netIn)) {
      throw new Refusal(
          "this node refused " + peer + ": it came without TLS; start it with --tls, too",
          "this port takes TLS only; start the node with --tls");
    }
    throw new HostileBytes("first bytes are no TLS");
  }

  /** Tells the other side what was wrong, as far as it listens: bytes that nobody reads would turn into a reset. */
  void sendAlert() {
    long until = System.nanoTime() + LINGER_NANOS;
    try {
      answer(until);
      socket.endOutput();
      for (int taken = 0; taken < LINGER_BYTES_MAX; ) {
        netIn.clear().limit(0);
        int n = receive(Math.max(0, until - System.nanoTime()));
        if (n <= 0) {
          return;
        }
        taken += n;
      }
    } catch (IOException e) {
      System.getLogger(TlsWire.class.getName())
          .log(System.Logger.Level.DEBUG, "a refused peer could not be told", e);
    }
  }

  /** What went wrong, as what it means to the connection. */
  private IOException told(SSLException e) {
    String text = String.valueOf(e.getMessage());
    for (Throwable each = e; each != null; each = each.getCause()) {
      if (each instanceof CertificateException) {
        return refusal(String.valueOf(each.getMessage()));
      }
    }
    if (text.contains("Received fatal alert")) {
      counters.tlsRefusals.increment();
      return new Refusal(
          peer
              + " refuses this node's certificate or TLS version: "
              + TlsTrust.plain(text)
              + "; its log says why");
    }
    if (e instanceof SSLHandshakeException) {
      return refusal(TlsTrust.plain(text));
    }
    return broken(e);
  }

  /** Also of what the engine does not expect and has no words for. */
  private HostileBytes broken(Exception e) {
    counters.tlsRefusals.increment();
    return new HostileBytes(
        "broken or forged TLS: " + TlsTrust.plain(String.valueOf(e.getMessage())));
  }

  private Refusal refusal(String why) {
    counters.tlsRefusals.increment();
    return new Refusal("this node refuses " + peer + ": " + why);
  }

  // ---- reading

  @Override
  public int read(ByteBuffer into, long timeoutNanos) throws IOException {
    boolean forever = timeoutNanos == Long.MAX_VALUE;
    long deadline = forever ? 0 : System.nanoTime() + timeoutNanos;
    while (true) {
      int n = decrypt(into);
      if (n != 0) {
        return n;
      }
      long left = forever ? Long.MAX_VALUE : deadline - System.nanoTime();
      if (left <= 0) {
        return 0;
      }
      int received = receive(left);
      if (received < 0 && netIn.hasRemaining()) {
        throw new EOFException("the connection ended within a TLS record");
      }
      if (received <= 0) {
        return received;
      }
    }
  }

  /** The bytes of whole records, as many as are here and fit; -1 when the other side has ended. */
  private int decrypt(ByteBuffer into) throws IOException {
    int taken = 0;
    while (true) {
      if (clearIn.hasRemaining()) {
        return taken + move(clearIn, into);
      }
      boolean direct = into.remaining() >= clearBytes;
      if (ended || !netIn.hasRemaining() || (taken > 0 && !direct)) {
        return ended && taken == 0 ? -1 : taken;
      }
      SSLEngineResult result = direct ? unwrap(into) : unwrapAside();
      switch (result.getStatus()) {
        case BUFFER_UNDERFLOW -> {
          return taken;
        }
        case BUFFER_OVERFLOW -> throw new HostileBytes("a TLS record larger than any may be");
        case CLOSED -> ended = true;
        case OK -> {}
      }
      if (direct) {
        taken += result.bytesProduced();
      }
      HandshakeStatus status = result.getHandshakeStatus();
      if (status == HandshakeStatus.NEED_TASK) {
        runTasks();
        status = engine.getHandshakeStatus();
      }
      if (status == HandshakeStatus.NEED_WRAP && !ended) {
        synchronized (out) {
          appendAnswer();
          batchSent += socket.write(netOut);
        }
      }
    }
  }

  private SSLEngineResult unwrapAside() throws IOException {
    clearIn.clear();
    try {
      return unwrap(clearIn);
    } finally {
      clearIn.flip();
    }
  }

  private SSLEngineResult unwrap(ByteBuffer into) throws IOException {
    try {
      return engine.unwrap(netIn, into);
    } catch (SSLException e) {
      throw told(e);
    } catch (RuntimeException e) {
      throw broken(e);
    }
  }

  private static int move(ByteBuffer from, ByteBuffer to) {
    int n = Math.min(from.remaining(), to.remaining());
    to.put(to.position(), from, from.position(), n).position(to.position() + n);
    from.position(from.position() + n);
    return n;
  }

  // ---- writing

  @Override
  public int write(ByteBuffer from) throws IOException {
    synchronized (out) {
      int begin = from.position();
      while (send(from) && from.hasRemaining()) {
        encrypt(from);
      }
      return from.position() - begin;
    }
  }

  /** Sends what is encrypted; false when the socket takes no more at the moment. */
  private boolean send(ByteBuffer from) throws IOException {
    if (netOut.hasRemaining()) {
      batchSent += socket.write(netOut);
    }
    boolean all = !netOut.hasRemaining();
    int done = owed;
    if (!all && owed > 0) {
      done = (int) Math.min(owed - 1, (long) owed * batchSent / batchBytes);
    }
    if (done > reported) {
      from.position(from.position() + done - reported);
      reported = done;
    }
    return all;
  }

  private void encrypt(ByteBuffer from) throws IOException {
    ByteBuffer plain = from.duplicate();
    netOut.clear();
    try {
      while (plain.hasRemaining() && netOut.remaining() >= 2 * recordBytes) {
        SSLEngineResult result = engine.wrap(plain, netOut);
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
          runTasks();
        }
        if (result.bytesProduced() == 0 && result.bytesConsumed() == 0) {
          throw new IOException("TLS takes no more: " + result);
        }
      }
    } finally {
      netOut.flip();
    }
    owed = plain.position() - from.position();
    reported = 0;
    batchBytes = netOut.limit();
    batchSent = 0;
  }

  /** Puts what the engine has to say behind what is pending, as far as there is room. Under out. */
  private void appendAnswer() throws IOException {
    netOut.compact();
    int before = netOut.position();
    try {
      while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
          && netOut.remaining() >= recordBytes) {
        SSLEngineResult result = engine.wrap(NOTHING.duplicate(), netOut);
        if (result.getStatus() != SSLEngineResult.Status.OK && result.bytesProduced() == 0) {
          break;
        }
      }
    } finally {
      batchBytes += netOut.position() - before;
      netOut.flip();
    }
  }

  @Override
  public void awaitWritable(long timeoutNanos) throws IOException {
    socket.awaitWritable(timeoutNanos);
  }

  @Override
  public void endOutput() throws IOException {
    socket.endOutput();
  }

  @Override
  public void close() {
    tls.ended(this);
    socket.close();
  }

  @Override
  public String toString() {
    return "the connection with " + name.uri() + " at " + peer;
  }
}
