package dev.limpet.cli.http;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/*
 * The JDK's HttpClient costs more than the calls that the demo and the measurements want to see: threads, selectors and
 * futures for each request. This one writes a request and reads an answer on the thread that asks, one at a time. It
 * reads what a node sends (a length or chunks) and nothing more: no redirects, no encodings, no trailers.
 */
/** One kept HTTP/1.1 connection to a node. Blocking, for one thread at a time; of no use after an exception. */
public final class Wire implements Closeable {
  private static final int BODY_BYTES_MAX = 16 << 20;
  private static final int LINE_BYTES_MAX = 16 << 10;

  private final Socket socket;
  private final InputStream in;
  private final String host;
  private final byte[] buffer = new byte[8 << 10];
  private int position;
  private int limit;
  private boolean open = true;

  /**
   * An answer.
   *
   * @param body empty if there was none
   * @param home the node that served it, as it says; empty if it does not
   * @param epoch the epoch that it was served under; 0 if it does not say
   */
  public record Reply(int status, String body, String home, long epoch) {
    /** One that says nothing of a process. */
    public Reply(int status, String body) {
      this(status, body, "", 0);
    }
  }

  private Wire(Socket socket, String host) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.host = host;
  }

  /**
   * Connects.
   *
   * @param address {@code host:port}
   */
  public static Wire connect(String address, int timeoutMillis) throws IOException {
    int colon = address.lastIndexOf(':');
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
          timeoutMillis);
      return new Wire(socket, address);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  public Reply get(String path, int timeoutMillis) throws IOException {
    return exchange("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n", timeoutMillis);
  }

  /** Posts JSON; the node is told to answer a little before this side gives up. */
  public Reply post(String path, String json, @Nullable String idempotencyKey, int timeoutMillis)
      throws IOException {
    StringBuilder request = new StringBuilder(256);
    request.append("POST ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
    request
        .append("\r\nContent-Type: application/json\r\nLimpet-Deadline-Ms: ")
        .append(timeoutMillis);
    if (idempotencyKey != null) {
      request.append("\r\nIdempotency-Key: ").append(idempotencyKey);
    }
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    request.append("\r\nContent-Length: ").append(length).append("\r\n\r\n").append(json);
    return exchange(request.toString(), timeoutMillis + timeoutMillis / 4 + 50);
  }

  /** Whether a further request may be sent. */
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    try {
      socket.close();
    } catch (IOException e) {
      // Closed is what it was to be.
    }
  }

  private Reply exchange(String request, int timeoutMillis) throws IOException {
    boolean whole = false;
    try {
      socket.setSoTimeout(timeoutMillis);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      Reply reply = read();
      whole = true;
      return reply;
    } finally {
      if (!whole) {
        close();
      }
    }
  }

  private Reply read() throws IOException {
    String[] statusLine = line().split(" ", 3);
    if (statusLine.length < 2
        || !statusLine[0].startsWith("HTTP/1.")
        || !statusLine[1].matches("[0-9]{3}")) {
      throw new IOException("not an HTTP answer: " + String.join(" ", statusLine));
    }
    int status = Integer.parseInt(statusLine[1]);
    long length = 0;
    boolean chunked = false;
    boolean last = false;
    String home = "";
    long epoch = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      String name = colon < 0 ? header : header.substring(0, colon);
      String value = colon < 0 ? "" : header.substring(colon + 1).strip();
      if (name.equalsIgnoreCase("Content-Length")) {
        length = size(value, 10);
      } else if (name.equalsIgnoreCase("Transfer-Encoding")) {
        chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
      } else if (name.equalsIgnoreCase("Connection")) {
        last = value.equalsIgnoreCase("close");
      } else if (name.equalsIgnoreCase("Limpet-Home")) {
        home = value;
      } else if (name.equalsIgnoreCase("Limpet-Epoch")) {
        epoch = epoch(value);
      }
    }
    String body = chunked ? chunks() : new String(bytes((int) length), StandardCharsets.UTF_8);
    if (last) {
      close();
    }
    return new Reply(status, body, home, epoch);
  }

  private static long epoch(String text) throws IOException {
    if (text.matches("[0-9]{1,18}")) {
      return Long.parseLong(text);
    }
    throw new IOException("an epoch that cannot be: " + text);
  }

  private String chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String head = line();
      int semicolon = head.indexOf(';');
      int size = size(semicolon < 0 ? head : head.substring(0, semicolon), 16);
      if (size == 0) {
        while (!line().isEmpty()) {
          // Trailers say nothing that is of use here.
        }
        return body.toString(StandardCharsets.UTF_8);
      }
      body.writeBytes(bytes(size));
      size(Integer.toString(body.size()), 10);
      line();
    }
  }

  private static int size(String text, int radix) throws IOException {
    try {
      int size = Integer.parseInt(text.strip(), radix);
      if (size >= 0 && size <= BODY_BYTES_MAX) {
        return size;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IOException("a length that cannot be: " + text);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    while (true) {
      int c = next();
      if (c == '\n') {
        int end = line.length();
        if (end > 0 && line.charAt(end - 1) == '\r') {
          line.setLength(end - 1);
        }
        return line.toString();
      }
      if (line.length() >= LINE_BYTES_MAX) {
        throw new IOException("a line without an end");
      }
      line.append((char) c);
    }
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = new byte[count];
    int filled = Math.min(count, limit - position);
    System.arraycopy(buffer, position, bytes, 0, filled);
    position += filled;
    if (in.readNBytes(bytes, filled, count - filled) < count - filled) {
      throw new EOFException("the node closed the connection");
    }
    return bytes;
  }

  private int next() throws IOException {
    if (position == limit) {
      limit = in.read(buffer);
      position = 0;
      if (limit <= 0) {
        limit = 0;
        throw new EOFException("the node closed the connection");
      }
    }
    return buffer[position++] & 0xFF;
  }
}
