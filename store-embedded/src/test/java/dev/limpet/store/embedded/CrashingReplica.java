package dev.limpet.store.embedded;

import dev.limpet.engine.Position;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.RocksDB;

/**
 * Two replicas that apply a {@link Workload}, take checkpoints and install each other's, in a JVM that halts without
 * warning after a random time. Run by {@link CrashTest}.
 *
 * <p>What a checkpoint or an install has returned must outlive the crash, since the log forgets the entries: it is noted
 * in a file, which a killed process leaves behind.
 */
final class CrashingReplica {
  static final int HALTED = 42;
  private static final long HALT_NANOS_MAX = 700_000_000;

  private CrashingReplica() {}

  public static void main(String[] args) throws IOException {
    Path home = Path.of(args[0]);
    Workload workload = new Workload(Long.parseLong(args[1]));
    Random random = new Random(Long.parseLong(args[2]));
    RocksDB.loadLibrary();
    long haltAfter = random.nextLong(HALT_NANOS_MAX);
    long start = System.nanoTime();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          for (long left = haltAfter; left > 0; left = haltAfter - (System.nanoTime() - start)) {
            LockSupport.parkNanos(left);
          }
          Runtime.getRuntime().halt(HALTED);
        });
    Replica first = new Replica(home, "first", workload);
    Replica second = new Replica(home, "second", workload);
    while (true) {
      first.applyUpTo(first.at + random.nextInt(150));
      (random.nextBoolean() ? first : second).checkpoint(home);
      second.applyUpTo(first.at + 1 + random.nextInt(150));
      first.installFrom(home, second);
      Replica last = first;
      first = second;
      second = last;
    }
  }

  static RocksStateMachine machine() {
    return new RocksStateMachine(
        (directory, create) -> RocksState.open(directory, create, 64 << 10));
  }

  /** Where the replica must be at least after a crash. */
  static long floor(Path home, String name) throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(home.resolve(name + ".floor").toFile(), "rw")) {
      return file.length() < 8 ? 0 : file.readLong();
    }
  }

  /** One state machine and how far it is. */
  private static final class Replica {
    private final String name;
    private final Workload workload;
    private final RocksStateMachine machine = machine();
    private final RandomAccessFile floor;
    private long at;

    Replica(Path home, String name, Workload workload) throws IOException {
      this.name = name;
      this.workload = workload;
      this.floor = new RandomAccessFile(home.resolve(name + ".floor").toFile(), "rw");
      this.at = machine.open(Files.createDirectories(home.resolve(name)), null).index();
    }

    void applyUpTo(long index) {
      while (at < index) {
        at++;
        if (machine.apply(new Position(1, at), workload.entry(at)).length == 0) {
          throw new AssertionError("an empty reply");
        }
      }
    }

    Path checkpoint(Path home) throws IOException {
      Path image = home.resolve("image-of-" + name);
      SyncedFiles.deleteTree(image);
      Files.createDirectory(image);
      machine.checkpoint(image);
      noteFloor(at);
      return image;
    }

    void installFrom(Path home, Replica other) throws IOException {
      at = machine.install(other.checkpoint(home)).index();
      noteFloor(at);
    }

    private void noteFloor(long index) throws IOException {
      floor.seek(0);
      floor.writeLong(index);
    }
  }
}
