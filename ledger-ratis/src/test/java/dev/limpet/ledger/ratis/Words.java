package dev.limpet.ledger.ratis;

import dev.limpet.engine.Leadership;
import dev.limpet.engine.Position;
import dev.limpet.engine.StateMachine;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A small machine for tests: words under keys. Entries are lines {@code put KEY VALUE}, {@code cas KEY OLD NEW} (an
 * absent key reads {@code -}), {@code get KEY}, {@code boom}; or a zero byte and any number of length-prefixed values.
 */
final class Words implements StateMachine {
  final Map<String, String> words = new ConcurrentHashMap<>();
  final Map<Integer, byte[]> blobs = new ConcurrentHashMap<>();
  final List<Leadership> leaderships = new CopyOnWriteArrayList<>();
  final AtomicInteger checkpoints = new AtomicInteger();
  final AtomicInteger installs = new AtomicInteger();
  final AtomicInteger applied = new AtomicInteger();
  volatile Position last = Position.NONE;
  volatile @Nullable Path openedFrom;
  volatile boolean closed;

  /** Entries are applied while this is open. */
  volatile CountDownLatch gate = new CountDownLatch(0);

  static byte[] line(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] reply) {
    return new String(reply, StandardCharsets.UTF_8);
  }

  @Override
  public Position open(Path directory, @Nullable Path checkpoint) throws IOException {
    openedFrom = checkpoint;
    if (checkpoint != null) {
      read(checkpoint);
    }
    return last;
  }

  @Override
  public byte[] apply(Position at, byte[] entry) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (at.index() <= last.index() || at.term() < last.term()) {
      throw new IllegalStateException("entry " + at + " after " + last);
    }
    last = at;
    applied.incrementAndGet();
    if (entry.length > 0 && entry[0] == 0) {
      return batch(ByteBuffer.wrap(entry, 1, entry.length - 1));
    }
    var part = text(entry).split(" ", 4);
    return line(
        switch (part[0]) {
          case "put" -> String.valueOf(words.put(part[1], part[2]));
          case "get" -> words.getOrDefault(part[1], "-");
          case "cas" -> cas(part[1], part[2], part[3]);
          case "boom" -> throw new IllegalStateException("boom");
          default -> "?";
        });
  }

  private String cas(String key, String old, String next) {
    var now = words.getOrDefault(key, "-");
    if (now.equals(old)) {
      words.put(key, next);
      return "ok";
    }
    return "no " + now;
  }

  private byte[] batch(ByteBuffer entry) {
    int count = 0;
    while (entry.hasRemaining()) {
      var value = new byte[entry.getInt()];
      entry.get(value);
      blobs.put(ByteBuffer.wrap(value).getInt() & 0xffff, value);
      count++;
    }
    return ByteBuffer.allocate(4).putInt(count).array();
  }

  @Override
  public void checkpoint(Path empty) throws IOException {
    // Two files, one below, as a store's checkpoint has many.
    Files.createDirectories(empty.resolve("deep"));
    Files.writeString(empty.resolve("deep").resolve("position"), last.term() + " " + last.index());
    try (var out =
        new DataOutputStream(
            new BufferedOutputStream(Files.newOutputStream(empty.resolve("words"))))) {
      for (var word : words.entrySet()) {
        out.writeUTF(word.getKey());
        out.writeUTF(word.getValue());
      }
    }
    Files.createFile(empty.resolve("nothing"));
    checkpoints.incrementAndGet();
  }

  @Override
  public Position install(Path checkpoint) throws IOException {
    words.clear();
    read(checkpoint);
    installs.incrementAndGet();
    return last;
  }

  private void read(Path checkpoint) throws IOException {
    var position = Files.readString(checkpoint.resolve("deep").resolve("position")).split(" ", 2);
    if (!Files.exists(checkpoint.resolve("nothing"))) {
      throw new IOException("an empty file was lost on the way");
    }
    try (var in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(checkpoint.resolve("words"))))) {
      while (in.available() > 0) {
        var key = in.readUTF();
        words.put(key, in.readUTF());
      }
    }
    last = new Position(Long.parseLong(position[0]), Long.parseLong(position[1]));
  }

  @Override
  public void leadershipChanged(Leadership now) {
    leaderships.add(now);
  }

  @Override
  public void close() {
    closed = true;
  }
}
