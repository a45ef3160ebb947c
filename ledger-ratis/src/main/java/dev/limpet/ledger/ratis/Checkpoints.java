package dev.limpet.ledger.ratis;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.FileListSnapshotInfo;
import org.jspecify.annotations.Nullable;

/*
 * The checkpoints of one group, as Ratis sees them.
 *
 *   sm/checkpoint.TERM_INDEX/about     the last entry that the machine had applied
 *   sm/checkpoint.TERM_INDEX/state/... the machine's files
 *
 * A checkpoint is written beside and then renamed, so one that can be seen is whole and synced. Ratis sends it file by
 * file (each with an MD5 that the receiver checks) into a directory of its own and then swaps the whole of sm/; a crash
 * in the middle of that swap leaves the former one under another name, which is put back at the next start.
 */
final class Checkpoints implements StateMachineStorage {
  private static final Pattern NAME = Pattern.compile("checkpoint\\.(\\d+)_(\\d+)");
  private static final String MD5 = ".md5";
  private static final String STATE = "state";
  private static final String ABOUT = "about";

  private @Nullable Path root;
  private volatile @Nullable Latest latest;

  /** A whole checkpoint on this disk. {@code lastEntry} is the machine's last entry, at or below the log's index. */
  record Checkpoint(TermIndex at, long lastEntry, Path directory) {
    Path state() {
      return directory.resolve(STATE);
    }
  }

  /**
   * The newest one, with its files as Ratis wants to see them. Ratis asks for these at every entry that is sent or received,
   * and they do not change, so they are listed once.
   */
  private record Latest(Checkpoint checkpoint, SnapshotInfo files) {
    static Latest of(Checkpoint checkpoint) throws IOException {
      try (Stream<Path> paths = Files.walk(checkpoint.directory())) {
        // Without a digest Ratis computes one while it sends.
        List<FileInfo> files =
            paths
                .filter(Files::isRegularFile)
                .sorted()
                .map(path -> new FileInfo(path, null))
                .toList();
        return new Latest(checkpoint, new FileListSnapshotInfo(files, checkpoint.at()));
      }
    }
  }

  @Override
  public void init(RaftStorage storage) throws IOException {
    root = storage.getStorageDir().getRoot().toPath().toAbsolutePath();
    putBackAfterCrash();
    Files.createDirectories(machineDirectory());
    reload();
  }

  private void putBackAfterCrash() throws IOException {
    List<Path> former;
    try (Stream<Path> files = Files.list(groupRoot())) {
      former =
          files
              .filter(path -> path.getFileName().toString().startsWith("sm.tmp"))
              .sorted(Comparator.comparing(path -> path.getFileName().toString()))
              .toList();
    }
    if (!former.isEmpty() && !Files.exists(machineDirectory())) {
      Files.move(former.getLast(), machineDirectory(), StandardCopyOption.ATOMIC_MOVE);
      SyncedFiles.syncDirectory(groupRoot());
    }
    for (var path : former) {
      SyncedFiles.deleteTree(path);
    }
    SyncedFiles.deleteTree(receiving());
  }

  /** Looks at the disk again: after a start, and after Ratis put a received checkpoint there. */
  @Nullable Checkpoint reload() throws IOException {
    var newest = list().stream().max(Comparator.comparing(Checkpoint::at)).orElse(null);
    if (newest != null) {
      dropDigests(newest.directory());
    }
    latest = newest == null ? null : Latest.of(newest);
    return newest;
  }

  /** Where the next checkpoint is written. */
  Path scratch() throws IOException {
    var scratch = receiving().resolve("checkpoint-next");
    SyncedFiles.deleteTree(scratch);
    Files.createDirectories(scratch.resolve(STATE));
    return scratch;
  }

  static Path stateOf(Path scratch) {
    return scratch.resolve(STATE);
  }

  void complete(Path scratch, TermIndex at, long lastEntry) throws IOException {
    SyncedFiles.write(
        scratch.resolve(ABOUT), ("lastEntry=" + lastEntry + "\n").getBytes(StandardCharsets.UTF_8));
    SyncedFiles.syncTree(scratch);
    var target = machineDirectory().resolve("checkpoint." + at.getTerm() + "_" + at.getIndex());
    SyncedFiles.deleteTree(target);
    Files.move(scratch, target, StandardCopyOption.ATOMIC_MOVE);
    SyncedFiles.syncDirectory(machineDirectory());
    latest = Latest.of(new Checkpoint(at, lastEntry, target));
  }

  /** Syncs what Ratis received; it writes without, and then forgets its log. */
  void syncReceived() throws IOException {
    if (Files.exists(receiving())) {
      SyncedFiles.syncTree(receiving());
    }
  }

  @Nullable Checkpoint latest() {
    var newest = latest;
    return newest == null ? null : newest.checkpoint();
  }

  @Override
  public @Nullable SnapshotInfo getLatestSnapshot() {
    var newest = latest;
    return newest == null ? null : newest.files();
  }

  @Override
  public void format() {}

  @Override
  public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
    int keep = policy.getNumSnapshotsRetained();
    if (keep <= 0) {
      return;
    }
    var old =
        list().stream().sorted(Comparator.comparing(Checkpoint::at).reversed()).skip(keep).toList();
    for (var checkpoint : old) {
      SyncedFiles.deleteTree(checkpoint.directory());
    }
  }

  private List<Checkpoint> list() throws IOException {
    var found = new ArrayList<Checkpoint>();
    List<Path> paths;
    try (Stream<Path> files = Files.list(machineDirectory())) {
      paths = files.toList();
    }
    for (var path : paths) {
      var name = NAME.matcher(path.getFileName().toString());
      if (name.matches() && Files.exists(path.resolve(ABOUT))) {
        var about = new Properties();
        about.load(new StringReader(Files.readString(path.resolve(ABOUT), StandardCharsets.UTF_8)));
        found.add(
            new Checkpoint(
                TermIndex.valueOf(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))),
                Long.parseLong(about.getProperty("lastEntry", "0")),
                path));
        Files.createDirectories(path.resolve(STATE));
      }
    }
    return found;
  }

  /** Ratis leaves a digest beside each file that it received; sent on, they would breed. */
  private static void dropDigests(Path directory) throws IOException {
    List<Path> digests;
    try (Stream<Path> paths = Files.walk(directory)) {
      digests =
          paths
              .filter(path -> path.toString().endsWith(MD5))
              .filter(path -> Files.exists(Path.of(path.toString().replaceAll("\\.md5$", ""))))
              .toList();
    }
    for (var digest : digests) {
      Files.delete(digest);
    }
  }

  private Path groupRoot() {
    var path = root;
    if (path == null) {
      throw new IllegalStateException("the group is not started");
    }
    return path;
  }

  private Path machineDirectory() {
    return groupRoot().resolve("sm");
  }

  private Path receiving() {
    return groupRoot().resolve("tmp");
  }
}
