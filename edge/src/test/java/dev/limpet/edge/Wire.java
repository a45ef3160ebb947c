package dev.limpet.edge;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A connection of which the test says every byte. Reads give up after ten seconds. */
final class Wire implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  final Socket socket;
  private final InputStream in;

  Wire(String address) throws IOException {
    int colon = address.lastIndexOf(':');
    socket =
        new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  record Answer(int status, Map<String, String> headers, String body) {
    @Nullable String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }

    JsonNode json() {
      return JSON.readTree(body);
    }

    /** The code of a problem, having checked that it is a proper one. */
    String code() {
      if (!"application/problem+json".equals(header("Content-Type"))) {
        throw new AssertionError("no problem: " + this);
      }
      JsonNode json = json();
      String code = json.get("code").asString();
      if (json.get("status").asInt() != status
          || !json.get("type").asString().equals("urn:limpet:" + code)
          || json.get("title").asString().isEmpty()
          || json.get("detail").asString().isEmpty()) {
        throw new AssertionError("a poor problem: " + this);
      }
      return code;
    }
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** A whole POST with a body; further headers each with their line end. */
  Answer post(String path, String body, String... headers) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: h\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    all.writeBytes(bytes);
    send(all.toByteArray());
    return answer();
  }

  Answer request(String method, String path, String... headers) throws IOException {
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: h\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    send(head.append("\r\n").toString());
    return method.equals("HEAD") ? head() : answer();
  }

  Answer answer() throws IOException {
    Answer head = head();
    if (head.status() == 100 || head.status() == 204) {
      return head;
    }
    String length = head.header("Content-Length");
    if (length == null) {
      throw new AssertionError("no length: " + head);
    }
    byte[] body = in.readNBytes(Integer.parseInt(length));
    return new Answer(head.status(), head.headers(), new String(body, StandardCharsets.UTF_8));
  }

  Answer head() throws IOException {
    String status = line();
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.merge(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).trim(),
          (a, b) -> a + "," + b);
    }
    return new Answer(Integer.parseInt(status.split(" ", 3)[1]), headers, "");
  }

  String line() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("ended after \"" + out.toString(StandardCharsets.ISO_8859_1) + "\"");
      }
      if (b != '\r') {
        out.write(b);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** The data of the next chunk; null for the last. */
  @Nullable String chunk() throws IOException {
    int length = Integer.parseInt(line(), 16);
    String data = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    line();
    return length == 0 ? null : data;
  }

  /** The lines of the next chunks that are not empty. */
  List<String> lines(int count) throws IOException {
    List<String> lines = new ArrayList<>();
    while (lines.size() < count) {
      String data = chunk();
      if (data == null) {
        throw new EOFException("the stream ended after " + lines);
      }
      data.lines().filter(line -> !line.isEmpty()).forEach(lines::add);
    }
    return lines;
  }

  /** Whether the server has closed; anything but the end is a failure. */
  boolean ended() throws IOException {
    int b = in.read();
    if (b >= 0) {
      throw new AssertionError("expected the end, got a byte " + b);
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
