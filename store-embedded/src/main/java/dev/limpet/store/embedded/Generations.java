package dev.limpet.store.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directories of a state machine, of which one is the state: {@code state-1, state-2, ...} and a file
 * {@code CURRENT-STATE} that names it. A new state is built in a new directory and becomes the state by the replacement
 * of that file, in one step; a crash before leaves the old state, a crash after the new one, and the directories that are
 * not the state are litter either way.
 */
final class Generations {
  private static final String MARKER = "CURRENT-STATE";
  private static final Pattern NAME = Pattern.compile("state-([1-9][0-9]{0,8})");

  private final Path directory;

  Generations(Path directory) {
    this.directory = directory;
  }

  /** The state's directory, or null if there never was one. */
  @Nullable Path current() throws IOException {
    String name;
    try {
      name = Files.readString(directory.resolve(MARKER), UTF_8).strip();
    } catch (NoSuchFileException e) {
      return null;
    }
    if (!NAME.matcher(name).matches()) {
      throw new DamagedState(
          directory.resolve(MARKER) + " does not name a state: \"" + name + "\"");
    }
    return directory.resolve(name);
  }

  /** A path for a state to be built at, where nothing is yet. */
  Path fresh() throws IOException {
    int last = 0;
    for (Path p : all()) {
      Matcher name = NAME.matcher(p.getFileName().toString());
      if (name.matches()) {
        last = Math.max(last, Integer.parseInt(name.group(1)));
      }
    }
    return directory.resolve("state-" + (last + 1));
  }

  /** Makes a directory the state, for good once this returns. */
  void choose(Path state) throws IOException {
    SyncedFiles.syncDirectory(directory);
    Path next = directory.resolve(MARKER + ".tmp");
    Files.writeString(next, state.getFileName() + "\n", UTF_8);
    SyncedFiles.sync(next);
    Files.move(next, directory.resolve(MARKER), StandardCopyOption.ATOMIC_MOVE);
    SyncedFiles.syncDirectory(directory);
  }

  /** Deletes all directories of states but one. */
  void clear(@Nullable Path except) throws IOException {
    for (Path p : all()) {
      if (!p.equals(except)) {
        SyncedFiles.deleteTree(p);
      }
    }
  }

  private List<Path> all() throws IOException {
    List<Path> states = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.filter(p -> NAME.matcher(p.getFileName().toString()).matches()).forEach(states::add);
    }
    return states;
  }
}
