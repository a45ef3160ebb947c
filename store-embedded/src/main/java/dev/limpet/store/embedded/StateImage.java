package dev.limpet.store.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.limpet.engine.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A checkpoint in a directory: RocksDB's files in {@code rocksdb/}, and a file {@code STATE} written last, which names
 * the position and every file with its size. Without that file, or with another size, a checkpoint is incomplete and is
 * never used.
 */
record StateImage(Path directory, Position position, Map<String, Long> sizes) {
  private static final String LIST = "STATE";
  private static final String FILES = "rocksdb";
  private static final String FIRST_LINE = "limpet-store-checkpoint 1";
  private static final long LIST_BYTES_MAX = 16L << 20;
  private static final Pattern POSITION = Pattern.compile("position ([0-9]{1,18}) ([0-9]{1,18})");
  private static final Pattern FILE =
      Pattern.compile("file ([A-Za-z0-9_-][A-Za-z0-9._-]{0,200}) ([0-9]{1,18})");

  /** Writes a state's checkpoint into an empty directory; on disk when this returns. */
  static StateImage write(RocksState state, Position at, Path empty) throws IOException {
    Path files = empty.resolve(FILES);
    state.checkpoint(files);
    Map<String, Long> sizes = new TreeMap<>();
    StringBuilder list = new StringBuilder(FIRST_LINE + "\n");
    list.append("position ").append(at.term()).append(' ').append(at.index()).append('\n');
    for (String name : SyncedFiles.names(files)) {
      Path file = files.resolve(name);
      SyncedFiles.sync(file);
      sizes.put(name, Files.size(file));
      list.append("file ").append(name).append(' ').append(sizes.get(name)).append('\n');
    }
    list.append("end\n");
    SyncedFiles.syncDirectory(files);
    Path temporary = empty.resolve(LIST + ".tmp");
    Files.writeString(temporary, list, UTF_8);
    SyncedFiles.sync(temporary);
    Files.move(temporary, empty.resolve(LIST));
    SyncedFiles.syncDirectory(empty);
    return new StateImage(empty, at, sizes);
  }

  /** Reads what a checkpoint says of itself, and compares it with the files that are there. */
  static StateImage read(Path directory) throws IOException {
    Path list = directory.resolve(LIST);
    String text;
    try {
      if (Files.size(list) > LIST_BYTES_MAX) {
        throw new IOException(list + " is too large to be a list of files");
      }
      text = Files.readString(list, UTF_8);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "the checkpoint in " + directory + " is incomplete: it has no file " + LIST, e);
    }
    String[] lines = text.split("\n", -1);
    Matcher position = lines.length < 2 ? null : POSITION.matcher(lines[1]);
    boolean whole = text.endsWith("\nend\n") && lines[0].equals(FIRST_LINE);
    if (position == null || !whole || !position.matches()) {
      throw new IOException(
          list + " is damaged, or of a newer version of Limpet: it starts \"" + lines[0] + "\"");
    }
    Map<String, Long> sizes = new TreeMap<>();
    for (int i = 2; i < lines.length - 2; i++) {
      Matcher file = FILE.matcher(lines[i]);
      if (!file.matches()) {
        throw new IOException(list + " has a damaged line: \"" + lines[i] + "\"");
      }
      sizes.put(file.group(1), Long.parseLong(file.group(2)));
    }
    StateImage image =
        new StateImage(
            directory,
            new Position(Long.parseLong(position.group(1)), Long.parseLong(position.group(2))),
            sizes);
    image.checkFiles();
    return image;
  }

  private void checkFiles() throws IOException {
    for (Map.Entry<String, Long> e : sizes.entrySet()) {
      Path file = directory.resolve(FILES).resolve(e.getKey());
      long actual = Files.isRegularFile(file) ? Files.size(file) : -1;
      if (actual != e.getValue()) {
        throw new IOException(
            "the checkpoint in "
                + directory
                + " is incomplete: "
                + e.getKey()
                + " has "
                + (actual < 0 ? "no file" : actual + " bytes")
                + ", "
                + e.getValue()
                + " are expected");
      }
    }
  }

  /** Copies the files to a directory that does not exist yet; on disk when this returns. */
  void copyTo(Path absent) throws IOException {
    Files.createDirectory(absent);
    for (String name : sizes.keySet()) {
      Path from = directory.resolve(FILES).resolve(name);
      Path to = absent.resolve(name);
      // Tables are never written to again, so a second name is as good as a copy; the other files
      // are.
      if (!name.endsWith(".sst") || !linked(from, to)) {
        Files.copy(from, to);
      }
      SyncedFiles.sync(to);
    }
    SyncedFiles.syncDirectory(absent);
  }

  private static boolean linked(Path from, Path to) {
    try {
      Files.createLink(to, from);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false; // another file system, or one without links
    }
  }
}
