package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir Path root;

  private final Checkpoints checkpoints = new Checkpoints();

  @BeforeEach
  void init() throws IOException {
    var directory = only(RaftStorageDirectory.class, "getRoot", root.toFile());
    checkpoints.init(only(RaftStorage.class, "getStorageDir", directory));
  }

  /** All that is asked of it is one method. */
  private static <T> T only(Class<T> type, String method, Object answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, called, arguments) -> {
              assertThat(called.getName()).isEqualTo(method);
              return answer;
            }));
  }

  private SnapshotInfo taken(long index, String... files) throws IOException {
    var scratch = checkpoints.scratch();
    for (var file : files) {
      Files.writeString(Checkpoints.stateOf(scratch).resolve(file), file);
    }
    checkpoints.complete(scratch, TermIndex.valueOf(1, index), index);
    return checkpoints.getLatestSnapshot();
  }

  @Test
  void files_areListedOnceForEachCheckpoint_thoughRatisAsksAtEveryEntry() throws IOException {
    assertThat(checkpoints.getLatestSnapshot()).isNull();
    var first = taken(10, "a");
    assertThat(checkpoints.getLatestSnapshot()).isSameAs(first);
    var second = taken(20, "a", "b");
    assertThat(second.getTermIndex()).isEqualTo(TermIndex.valueOf(1, 20));
    assertThat(second.getFiles())
        .extracting(FileInfo::getPath)
        .extracting(path -> path.getFileName().toString())
        .containsExactly("about", "a", "b");
    assertThat(checkpoints.getLatestSnapshot()).isSameAs(second);
  }

  @Test
  void checkpoint_isFoundAgainAfterAStart() throws IOException {
    var before = taken(10, "a");
    var again = new Checkpoints();
    var directory = only(RaftStorageDirectory.class, "getRoot", root.toFile());
    again.init(only(RaftStorage.class, "getStorageDir", directory));
    assertThat(again.getLatestSnapshot().getTermIndex()).isEqualTo(before.getTermIndex());
    assertThat(again.getLatestSnapshot().getFiles()).hasSize(2);
  }
}
