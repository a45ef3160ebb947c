package dev.limpet.transport;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes on a connection. Each side sends one hello, the connecting one first:
 *
 * <pre>
 *   0  4 bytes  magic "LMPT"
 *   4  short    protocol version
 *   6  byte     0: my identity follows; 1: refused, the reason follows
 *   7  byte     zero
 *   8  int      bytes that follow
 * </pre>
 *
 * <p>A connection that begins with HTTP/2's preface instead belongs to the consensus engine. Whatever else comes is
 * hostile, and known as such by its first wrong byte.
 */
final class Opening {
  static final short VERSION = 1;

  private static final byte[] MAGIC = "LMPT".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HTTP2 = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = 12;
  private static final byte TLS_HANDSHAKE = 22;
  private static final byte IDENTITY = 0;
  private static final byte REFUSED = 1;

  /** What an accepted connection turned out to be. */
  sealed interface Caller {
    /** A Limpet node, greeted. */
    final class Node implements Caller {
      final byte[] hello;

      Node(byte[] hello) {
        this.hello = hello;
      }
    }

    /** The consensus engine; these bytes of it have been read. */
    final class Engine implements Caller {
      final byte[] firstBytes;

      Engine(byte[] firstBytes) {
        this.firstBytes = firstBytes;
      }
    }

    /** Closed without a byte: a probe. */
    record Nobody() implements Caller {}
  }

  private final Wire wire;
  private final Greeting greeting;
  private final InetSocketAddress peer;
  private final @Nullable PeerName certified;
  private final long deadlineNanos;

  Opening(Wire wire, Greeting greeting, InetSocketAddress peer, long timeoutNanos) {
    this.wire = wire;
    this.certified = wire instanceof TlsWire secured ? secured.name() : null;
    this.greeting = greeting;
    this.peer = peer;
    this.deadlineNanos = System.nanoTime() + timeoutNanos;
  }

  /** The connecting side: the peer's identity. */
  byte[] dial() throws IOException {
    write(IDENTITY, greeting.hello());
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    readExpecting(header, MAGIC, MAGIC);
    byte[] theirs = readRest(header);
    String refusal = greeting.refusal(theirs, peer, certified);
    if (refusal != null) {
      throw new Refusal("this node refuses " + peer + ": " + refusal);
    }
    return theirs;
  }

  /** The accepting side. */
  Caller accept() throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    if (!readExpecting(header, MAGIC, HTTP2)) {
      return new Caller.Nobody();
    }
    if (header.get(0) == HTTP2[0]) {
      ByteBuffer preface = ByteBuffer.allocate(HTTP2.length).put(header.flip());
      readExpecting(preface, HTTP2, HTTP2);
      return new Caller.Engine(preface.array());
    }
    byte[] theirs = readRest(header);
    String refusal = greeting.refusal(theirs, peer, certified);
    if (refusal != null) {
      throw new Refusal("this node refused " + peer + ": " + refusal, refusal);
    }
    write(IDENTITY, greeting.hello());
    return new Caller.Node(theirs);
  }

  /** Fills the buffer, watching that it begins like one of the two. False when the end came before the first byte. */
  private boolean readExpecting(ByteBuffer into, byte[] one, byte[] other) throws IOException {
    while (into.hasRemaining()) {
      if (read(into) < 0) {
        if (into.position() == 0) {
          return false;
        }
        throw new HostileBytes("connection ended within its first " + into.capacity() + " bytes");
      }
      if (!begins(into, one) && !begins(into, other)) {
        throw new HostileBytes(
            into.get(0) == TLS_HANDSHAKE
                ? "first bytes are TLS, and this node has none (--tls)"
                : "first bytes are neither a Limpet hello nor HTTP/2: " + printable(into));
      }
    }
    return true;
  }

  /** Whether bytes that are to be read begin like a hello or like HTTP/2, as far as they go. */
  static boolean isOurs(ByteBuffer bytes) {
    ByteBuffer first = ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate());
    return begins(first, MAGIC) || begins(first, HTTP2);
  }

  private static boolean begins(ByteBuffer bytes, byte[] with) {
    for (int i = 0; i < Math.min(bytes.position(), with.length); i++) {
      if (bytes.get(i) != with[i]) {
        return false;
      }
    }
    return true;
  }

  private byte[] readRest(ByteBuffer header) throws IOException {
    if (header.position() < HEADER_BYTES) {
      throw new EOFException(peer + " closed the connection before its hello");
    }
    header.flip().position(MAGIC.length);
    short version = header.getShort();
    byte status = header.get();
    byte zero = header.get();
    int length = header.getInt();
    if (zero != 0
        || status > REFUSED
        || status < IDENTITY
        || length < 0
        || length > Greeting.HELLO_BYTES_MAX) {
      throw new HostileBytes("malformed hello of " + length + " bytes");
    }
    // A refusal is read whatever its version: it says which version the other side wants.
    if (version != VERSION && status != REFUSED) {
      String what = "protocol version " + version + " is not this node's, " + VERSION;
      throw new Refusal(peer + ": " + what + "; run the same release of Limpet on both", what);
    }
    ByteBuffer rest = ByteBuffer.allocate(length);
    while (rest.hasRemaining()) {
      if (read(rest) < 0) {
        throw new HostileBytes("truncated hello: " + rest.position() + " of " + length + " bytes");
      }
    }
    if (status == REFUSED) {
      throw new Refusal(
          peer + " refused this node: " + new String(rest.array(), StandardCharsets.UTF_8));
    }
    return rest.array();
  }

  private int read(ByteBuffer into) throws IOException {
    int n = wire.read(into, Math.max(0, deadlineNanos - System.nanoTime()));
    if (n == 0) {
      throw new SocketTimeoutException(peer + " did not say hello in time");
    }
    return n;
  }

  /** The accepting side: tells the other why it is refused. */
  void refuse(String reason) throws IOException {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    write(REFUSED, text.length > 1024 ? Arrays.copyOf(text, 1024) : text);
  }

  private void write(byte status, byte[] text) throws IOException {
    if (text.length > Greeting.HELLO_BYTES_MAX) {
      throw new IllegalStateException(
          "own hello of " + text.length + " bytes exceeds " + Greeting.HELLO_BYTES_MAX);
    }
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + text.length);
    out.put(MAGIC).putShort(VERSION).put(status).put((byte) 0).putInt(text.length).put(text).flip();
    while (out.hasRemaining()) {
      if (wire.write(out) == 0) {
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          throw new SocketTimeoutException(peer + " did not read the hello in time");
        }
        wire.awaitWritable(left);
      }
    }
  }

  private static String printable(ByteBuffer bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.position(); i++) {
      char c = (char) (bytes.get(i) & 0xFF);
      text.append(c >= ' ' && c < 127 ? c : '.');
    }
    return text.toString();
  }
}
