package dev.limpet.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The lock is this process's until it lets go, and its name is that of no other lock. */
@Timeout(60)
class DirectoryLockTest {
  private static final int TAKEN = 10;
  private static final int REFUSED = 11;

  @TempDir Path directory;

  /** Another process that tries for the lock in a directory. */
  public static void main(String[] arguments) throws IOException {
    Runtime.getRuntime().exit(DirectoryLock.take(Path.of(arguments[0])) == null ? REFUSED : TAKEN);
  }

  private int otherProcess() throws Exception {
    Process other =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    DirectoryLockTest.class.getName(),
                    directory.toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(other.waitFor(50, TimeUnit.SECONDS)).isTrue();
    return other.exitValue();
  }

  private static DirectoryLock take(Path where) throws IOException {
    @Nullable DirectoryLock lock = DirectoryLock.take(where);
    assertThat(lock).isNotNull();
    return java.util.Objects.requireNonNull(lock);
  }

  @Test
  void take_ofOneThatANodeOfThisJvmHas_isRefused_andTakesItFromNobody() throws Exception {
    try (DirectoryLock first = take(directory)) {
      assertThat(DirectoryLock.take(directory)).isNull();
      assertThat(otherProcess()).as("it is held still").isEqualTo(REFUSED);
      assertThat(first.name()).isNotNull();
    }
    assertThat(otherProcess()).isEqualTo(TAKEN);
  }

  @Test
  void name_afterARestart_isTheSame() throws Exception {
    String before;
    try (DirectoryLock lock = take(directory)) {
      before = lock.name();
    }
    try (DirectoryLock lock = take(directory)) {
      assertThat(lock.name()).isEqualTo(before);
    }
  }

  @Test
  void name_ofACopiedDirectory_isAnother() throws Exception {
    Path original = Files.createDirectory(directory.resolve("original"));
    Path copy = Files.createDirectory(directory.resolve("copy"));
    try (DirectoryLock lock = take(original)) {
      Files.copy(original.resolve("lock"), copy.resolve("lock"));
      try (DirectoryLock other = take(copy)) {
        assertThat(other.name())
            .satisfiesAnyOf(
                name -> assertThat(name).isNotEqualTo(lock.name()),
                name -> assertThat(name).isEmpty());
      }
    }
  }

  @Test
  void name_ofAFileThatWasPutInItsPlace_isAnother() throws Exception {
    try (DirectoryLock lock = take(directory)) {
      Files.delete(directory.resolve("lock"));
      try (DirectoryLock other = take(directory)) {
        assertThat(other.name())
            .satisfiesAnyOf(
                name -> assertThat(name).isNotEqualTo(lock.name()),
                name -> assertThat(name).isEmpty());
      }
    }
  }

  @Test
  void name_whereALockMayBeLost_orTheMachineIsUnknown_isEmpty() {
    assertThat(DirectoryLock.name("ext4", "k1", "(dev=1,ino=2)")).isEqualTo("k1(dev=1,ino=2)");
    for (String network :
        List.of("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "unheard-of")) {
      assertThat(DirectoryLock.name(network, "k1", "(dev=1,ino=2)")).as(network).isEmpty();
    }
    assertThat(DirectoryLock.name("ext4", "", "(dev=1,ino=2)")).isEmpty();
    assertThat(DirectoryLock.name("ext4", "k1", Path.of("lock"))).as("a path is no file").isEmpty();
  }
}
