package dev.limpet.ledger.ratis;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.SizeInBytes;

/*
 * Lets a group start on an empty directory exactly once.
 *
 * Ratis formats a missing directory silently and goes on under the old name: a voter that has forgotten its votes and
 * its log, which can elect a leader without acknowledged entries. So a marker of ours, beside the Ratis directory, says
 * that the group was started from this storage. Order: format, sync, marker, start. Hence
 *   marker and log directory   -> recover
 *   neither                    -> format, mark, start
 *   directory, not marked      -> a crash before the marker, if the log is empty; else the marker was lost: refuse
 *   marked, no directory       -> the log was lost: refuse
 */
final class GroupMarker {
  private final Path file;
  private final Path raftDirectory;
  private final Properties expected = new Properties();
  private final List<Voter> voters;

  GroupMarker(Path directory, Path raftRoot, String group, RaftGroupId id, RatisConfig config) {
    file = directory.resolve(group + ".group");
    raftDirectory = raftRoot.resolve(id.getUuid().toString());
    voters = config.voters();
    expected.setProperty("cluster", config.clusterId());
    expected.setProperty("group", group);
    expected.setProperty("peer", config.self().peerId().toString());
  }

  /** Checks that the group may start here and prepares its directory. Returns the voters to start with. */
  List<Voter> prepare() throws IOException {
    var current = raftDirectory.resolve("current");
    boolean formatted = Files.exists(current.resolve("raft-meta"));
    if (!Files.exists(file)) {
      if (formatted && hasLog(current)) {
        throw new IOException(
            raftDirectory
                + " holds a log but "
                + file
                + " is missing: restore the file, or empty the data directory"
                + " and let the node join as a new member");
      }
      if (!formatted) {
        format();
      }
      var marker = new Properties();
      marker.putAll(expected);
      marker.setProperty(
          "voters", voters.stream().map(GroupMarker::text).collect(Collectors.joining(",")));
      SyncedFiles.write(file, lines(marker).getBytes(StandardCharsets.UTF_8));
      return voters;
    }
    var marker = new Properties();
    marker.load(new StringReader(Files.readString(file, StandardCharsets.UTF_8)));
    for (var name : expected.stringPropertyNames()) {
      if (!expected.getProperty(name).equals(marker.getProperty(name))) {
        throw new IOException(
            file
                + " is of "
                + name
                + " "
                + marker.getProperty(name)
                + ", but this node is started as "
                + expected.getProperty(name)
                + ": use the data directory that belongs to it");
      }
    }
    if (!formatted) {
      throw new IOException(
          "the group was started from this storage ("
              + file
              + ") but its log at "
              + raftDirectory
              + " is gone: this storage must not vote again. Empty the whole data directory, and let the node join as"
              + " a new member with a new storage id");
    }
    requireVote(current.resolve("raft-meta"));
    return parse(marker.getProperty("voters", ""));
  }

  /** Ratis leaves an empty file when it fails to write to a full disk. */
  private static void requireVote(Path vote) throws IOException {
    if (Files.size(vote) == 0) {
      throw new IOException(
          vote
              + " is empty: the disk was full when it was written, and nobody knows how this storage voted: it must"
              + " not vote again. Empty the whole data directory, and let the node join as a new member with a new"
              + " storage id");
    }
  }

  private void format() throws IOException {
    Files.createDirectories(raftDirectory);
    var storage =
        RaftStorage.newBuilder()
            .setDirectory(raftDirectory.toFile())
            .setOption(RaftStorage.StartupOption.FORMAT)
            .setStorageFreeSpaceMin(SizeInBytes.valueOf(0))
            .build();
    storage.initialize();
    storage.close();
    SyncedFiles.syncTree(raftDirectory);
    var parent = raftDirectory.getParent();
    if (parent != null) {
      SyncedFiles.syncDirectory(parent);
    }
  }

  private static boolean hasLog(Path current) throws IOException {
    try (Stream<Path> files = Files.list(current)) {
      return files.anyMatch(path -> path.getFileName().toString().startsWith("log_"));
    }
  }

  private static String lines(Properties properties) {
    return properties.stringPropertyNames().stream()
        .sorted()
        .map(name -> name + "=" + properties.getProperty(name) + "\n")
        .collect(Collectors.joining());
  }

  private static String text(Voter voter) {
    return voter.node() + "|" + voter.storageId() + "|" + voter.address();
  }

  private static List<Voter> parse(String text) {
    return Stream.of(text.split(",", -1))
        .filter(part -> !part.isEmpty())
        .map(part -> part.split("\\|", -1))
        .map(part -> new Voter(part[0], part[1], part[2]))
        .toList();
  }
}
