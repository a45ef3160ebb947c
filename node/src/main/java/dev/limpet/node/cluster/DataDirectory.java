package dev.limpet.node.cluster;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.core.forming.Acceptor;
import dev.limpet.core.forming.Ballot;
import dev.limpet.core.forming.Founder;
import dev.limpet.core.forming.Pact;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node's directory: held by one process at a time, and stamped with whose it is. Its storage id is made with it and
 * lost with it, so that an emptied directory never speaks for the full one that it was.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String IDENTITY = "node.properties";
  private static final String PROMISE = "forming.properties";
  private static final String CLUSTER = "cluster.properties";

  private final Path directory;
  private final DirectoryLock lock;
  private final String storage;

  private DataDirectory(Path directory, DirectoryLock lock, String storage) {
    this.directory = directory;
    this.lock = lock;
    this.storage = storage;
  }

  /**
   * Takes the directory, and makes it if there is none.
   *
   * @throws StartFailed if another process holds it, or it belongs to another node or cluster, or cannot be written
   */
  public static DataDirectory open(Path directory, String cluster, String node) {
    DirectoryLock lock = lock(directory);
    try {
      @Nullable Properties identity = read(directory.resolve(IDENTITY));
      if (identity == null) {
        identity = new Properties();
        identity.setProperty("cluster", cluster);
        identity.setProperty("node", node);
        identity.setProperty(
            "storage", UUID.randomUUID().toString().replace("-", "").substring(0, 20));
        write(directory, IDENTITY, identity);
      }
      expect(directory, identity, "cluster", cluster);
      expect(directory, identity, "node", node);
      return new DataDirectory(directory, lock, identity.getProperty("storage", ""));
    } catch (StartFailed e) {
      closeQuietly(lock);
      throw e;
    } catch (IOException e) {
      closeQuietly(lock);
      throw unusable(directory, e);
    }
  }

  private static DirectoryLock lock(Path directory) {
    try {
      Files.createDirectories(directory);
      @Nullable DirectoryLock lock = DirectoryLock.take(directory);
      if (lock == null) {
        throw new StartFailed(
            ErrorCode.DATA_IN_USE,
            "the data directory "
                + directory.toAbsolutePath()
                + " is in use by another node; give each node its own with --data, or stop the other one");
      }
      return lock;
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  private static StartFailed unusable(Path directory, IOException e) {
    if (Files.isDirectory(directory) && !Files.isWritable(directory)) {
      return new StartFailed(
          ErrorCode.DISK_UNWRITABLE,
          "the data directory "
              + directory.toAbsolutePath()
              + " cannot be written: "
              + e
              + "; make it writable, or choose another with --data");
    }
    return new StartFailed(
        ErrorCode.INVALID_SETTING,
        "the data directory "
            + directory.toAbsolutePath()
            + " cannot be used: "
            + e
            + "; choose another with --data");
  }

  private static void expect(Path directory, Properties identity, String what, String expected) {
    String found = identity.getProperty(what, "");
    if (!found.equals(expected)) {
      throw new StartFailed(
          ErrorCode.DATA_FOREIGN,
          "the data directory "
              + directory.toAbsolutePath()
              + " belongs to "
              + what
              + " "
              + found
              + ", not "
              + expected
              + "; give this node its own directory with --data");
    }
  }

  /** Names this directory's contents. */
  public String storage() {
    return storage;
  }

  /** Names the lock that this process holds on it until {@link #close}; empty if that would prove nothing. */
  public String lock() {
    return lock.name();
  }

  public Path path() {
    return directory;
  }

  /** What this node has promised and accepted while a cluster was formed. */
  Acceptor acceptor(Founder self) {
    try {
      @Nullable Properties p = read(directory.resolve(PROMISE));
      @Nullable Agreement formed = formed();
      Pact cluster = formed == null ? null : formed.pact();
      if (p == null) {
        return new Acceptor(self, Ballot.NONE, Ballot.NONE, null, cluster);
      }
      boolean accepted = !p.getProperty("cluster-id", "").isEmpty();
      return new Acceptor(
          self,
          ballot(p, "promised"),
          ballot(p, "accepted"),
          accepted ? Agreement.of(p).pact() : null,
          cluster);
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  private static Ballot ballot(Properties p, String name) {
    return new Ballot(
        Long.parseLong(p.getProperty(name + ".round", "0")), p.getProperty(name + ".by", ""));
  }

  /** Saves what was promised and accepted, on disk when this returns. */
  void accepted(Acceptor state) {
    @Nullable Pact pact = state.accepted();
    Properties p = pact == null ? new Properties() : Agreement.of(pact).properties();
    p.setProperty("promised.round", Long.toString(state.promised().round()));
    p.setProperty("promised.by", state.promised().by());
    p.setProperty("accepted.round", Long.toString(state.acceptedAt().round()));
    p.setProperty("accepted.by", state.acceptedAt().by());
    save(PROMISE, p);
  }

  /** The cluster that this node belongs to, with who votes now; null before. */
  @Nullable Agreement formed() {
    return agreement(CLUSTER);
  }

  void formed(Agreement agreement) {
    save(CLUSTER, agreement.properties());
  }

  private @Nullable Agreement agreement(String file) {
    try {
      @Nullable Properties p = read(directory.resolve(file));
      return p == null ? null : Agreement.of(p);
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  private void save(String file, Properties properties) {
    try {
      write(directory, file, properties);
    } catch (IOException e) {
      throw new StartFailed(
          ErrorCode.DISK_UNWRITABLE,
          file + " cannot be written in " + directory.toAbsolutePath() + ": " + e);
    }
  }

  private static @Nullable Properties read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    Properties properties = new Properties();
    properties.load(new StringReader(Files.readString(file)));
    return properties;
  }

  /** Writes whole and synced, or not at all. */
  private static void write(Path directory, String name, Properties properties) throws IOException {
    StringWriter text = new StringWriter();
    properties.store(text, "written by limpet; do not edit");
    Path temporary = directory.resolve(name + ".new");
    try (FileChannel out =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(
        temporary,
        directory.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel dir = FileChannel.open(directory, StandardOpenOption.READ)) {
      dir.force(true);
    }
  }

  private static void closeQuietly(DirectoryLock lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closeQuietly(lock);
  }
}
