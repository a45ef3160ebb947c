package dev.limpet.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ProcessId;
import dev.limpet.engine.Position;
import dev.limpet.engine.Store.Change;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.Part;
import dev.limpet.engine.Store.PartReply;
import dev.limpet.engine.StoreWire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RocksStateMachineTest {
  @TempDir Path temp;

  private final Workload workload = new Workload(7);
  private final List<RocksStateMachine> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws IOException {
    for (RocksStateMachine m : opened) {
      m.close();
    }
  }

  // ---- checkpoints

  @Test
  void checkpoint_installed_isTheSameStateInEveryRow() throws IOException {
    RocksStateMachine ahead = machine("ahead", 300);
    Path image = checkpoint(ahead, "image");
    RocksStateMachine behind = machine("behind", 100);

    assertThat(behind.install(image)).isEqualTo(new Position(1, 300));

    assertThat(behind.everything()).isEqualTo(ahead.everything());
    assertThat(behind.appliedIndex()).isEqualTo(300);
    apply(ahead, 301, 400);
    apply(behind, 301, 400);
    assertThat(behind.everything()).isEqualTo(ahead.everything());
  }

  @Test
  void checkpoint_installed_staysAfterAReopen_andNeedsTheImageNoMore() throws IOException {
    Path image = checkpoint(machine("ahead", 300), "image");
    RocksStateMachine behind = machine("behind", 100);
    behind.install(image);
    SyncedFiles.deleteTree(image);
    apply(behind, 301, 320);
    behind.close();
    RocksStateMachine again = new RocksStateMachine();
    assertThat(open(again, "behind", null)).isEqualTo(new Position(1, 320));
    assertSameAsModel(again, 320);
    try (Stream<Path> files = Files.list(temp.resolve("behind"))) {
      assertThat(files.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("CURRENT-STATE", "state-2");
    }
  }

  @Test
  void checkpoint_olderThanTheState_isIgnored() throws IOException {
    RocksStateMachine machine = machine("one", 100);
    Path image = checkpoint(machine, "image");
    apply(machine, 101, 150);
    assertThat(machine.install(image)).isEqualTo(new Position(1, 150));
    machine.close();
    assertThat(open(new RocksStateMachine(), "one", image)).isEqualTo(new Position(1, 150));
  }

  @Test
  void open_withANewerCheckpoint_takesIt() throws IOException {
    Path image = checkpoint(machine("ahead", 300), "image");
    machine("behind", 100).close();
    RocksStateMachine again = new RocksStateMachine();
    assertThat(open(again, "behind", image)).isEqualTo(new Position(1, 300));
    assertSameAsModel(again, 300);
    RocksStateMachine empty = new RocksStateMachine();
    assertThat(open(empty, "empty", image)).isEqualTo(new Position(1, 300));
    assertSameAsModel(empty, 300);
  }

  @Test
  void install_ofADamagedCheckpoint_isRefusedAndKeepsTheState() throws IOException {
    Path image = checkpoint(machine("ahead", 300), "image");
    RocksStateMachine behind = machine("behind", 100);
    List<Damage> damages =
        List.of(
            directory -> Files.delete(directory.resolve("STATE")),
            directory -> Files.write(directory.resolve("STATE"), new byte[0]),
            directory ->
                Files.writeString(
                    directory.resolve("STATE"), "limpet-store-checkpoint 2\nposition 1 300\nend\n"),
            directory ->
                Files.writeString(
                    directory.resolve("STATE"),
                    Files.readString(directory.resolve("STATE"))
                        .replace("position 1 300", "position 1 301")),
            directory ->
                Files.writeString(
                    directory.resolve("STATE"),
                    "limpet-store-checkpoint 1\nposition 1 300\nfile ../../x 0\nend\n"),
            directory ->
                Files.writeString(
                    directory.resolve("STATE"), "limpet-store-checkpoint 1\nposition 1 300\nend\n"),
            directory -> Files.delete(table(directory)),
            directory -> Files.delete(directory.resolve("rocksdb/CURRENT")),
            directory -> Files.write(table(directory), new byte[100]),
            RocksStateMachineTest::flipOneByte);
    for (int i = 0; i < damages.size(); i++) {
      Path damaged = temp.resolve("damaged-" + i);
      copyTree(image, damaged);
      damages.get(i).to(damaged);
      assertThatThrownBy(() -> behind.install(damaged))
          .as("damage " + i)
          .isInstanceOf(IOException.class);
      assertThat(behind.appliedIndex()).isEqualTo(100);
    }
    apply(behind, 101, 110);
    assertSameAsModel(behind, 110);
    behind.close();
    RocksStateMachine again = new RocksStateMachine();
    assertThat(open(again, "behind", null)).isEqualTo(new Position(1, 110));
    assertThat(again.install(image)).isEqualTo(new Position(1, 300));
    assertSameAsModel(again, 300);
  }

  /** What a crash can leave of an install at each of its steps. */
  @Test
  void open_afterACrashInTheMiddleOfAnInstall_findsTheOldOrTheNewState() throws IOException {
    RocksStateMachine ahead = machine("ahead", 300);
    Path image = checkpoint(ahead, "image");
    machine("behind", 100).close();
    Path home = temp.resolve("behind");

    Path half = home.resolve("state-2");
    Files.createDirectory(half);
    Files.copy(image.resolve("rocksdb/CURRENT"), half.resolve("CURRENT"));
    assertReopens("behind", 100);
    assertThat(half).doesNotExist();

    StateImage.read(image).copyTo(half);
    Files.writeString(home.resolve("CURRENT-STATE.tmp"), "sta");
    assertReopens("behind", 100);

    StateImage.read(image).copyTo(half);
    new Generations(home).choose(half);
    assertThat(home.resolve("state-1")).exists();
    assertReopens("behind", 300);
    assertThat(home.resolve("state-1")).doesNotExist();
  }

  @Test
  void open_unreadableState_isReplacedByTheCheckpoint_orRefused_neverTakenForEmpty()
      throws IOException {
    Path image = checkpoint(machine("ahead", 300), "image");
    List<Damage> damages =
        List.of(
            home -> SyncedFiles.deleteTree(home.resolve("state-1")),
            home -> Files.delete(home.resolve("state-1/CURRENT")),
            home -> Files.writeString(home.resolve("CURRENT-STATE"), "../elsewhere\n"),
            home -> Files.delete(anyTable(home.resolve("state-1"))));
    for (int i = 0; i < damages.size(); i++) {
      String name = "home-" + i;
      machine(name, 50).close();
      damages.get(i).to(temp.resolve(name));
      assertThatThrownBy(() -> open(new RocksStateMachine(), name, null))
          .as("damage " + i)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("unreadable");
      RocksStateMachine again = new RocksStateMachine();
      assertThat(open(again, name, image)).as("damage " + i).isEqualTo(new Position(1, 300));
      assertSameAsModel(again, 300);
    }
  }

  @Test
  void open_ofAStateThatIsInUse_isRefusedAndHarmsNothing() throws IOException {
    Path image = checkpoint(machine("ahead", 300), "image");
    RocksStateMachine owner = machine("one", 100);
    assertThatThrownBy(() -> open(new RocksStateMachine(), "one", image))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("lock");
    apply(owner, 101, 110);
    owner.close();
    assertReopens("one", 110);
  }

  @Test
  void open_brokenCheckpointBesideAGoodState_usesTheState_aloneIsRefused() throws IOException {
    Path broken = Files.createDirectory(temp.resolve("broken"));
    machine("one", 100).close();
    assertThat(open(new RocksStateMachine(), "one", broken)).isEqualTo(new Position(1, 100));
    assertThatThrownBy(() -> open(new RocksStateMachine(), "none", broken))
        .isInstanceOf(IOException.class);
  }

  // ---- applying

  @Test
  void apply_malformedEntry_movesThePositionOnly_andIsAnswered() throws IOException {
    RocksStateMachine machine = machine("one", 0);
    machine.apply(new Position(1, 1), StoreWire.encodeClaims(List.of(new Claim(1, 1, 1, 1))));
    byte[] whole =
        StoreWire.encodeCommit(
            List.of(
                new Part(
                    1, 1, 1, 1, List.of(new Change(new ProcessId("a", "b"), "c", new byte[3])))));
    byte[] cut = whole.clone();
    cut[whole.length - 4]++; // the value announces more than there is, after the part was accepted
    byte[] reply = machine.apply(new Position(1, 2), cut);
    assertThatThrownBy(() -> StoreWire.decodeCommitted(reply, 2))
        .isInstanceOf(StoreWire.Malformed.class);
    assertThat(machine.appliedIndex()).isEqualTo(2);
    assertThat(machine.load(1, new ProcessId("a", "b"))).isEmpty();
    assertThat(StoreWire.decodeCommitted(machine.apply(new Position(1, 3), whole), 3).replies())
        .containsExactly(PartReply.ACCEPTED);
  }

  @Test
  void apply_entryForRulesToCome_stopsTheMachine() throws IOException {
    RocksStateMachine machine = machine("one", 10);
    byte[] entry = workload.entry(11);
    entry[1] = 2;
    assertThatThrownBy(() -> machine.apply(new Position(1, 11), entry))
        .isInstanceOf(StoreWire.UnknownRules.class);
    assertThatThrownBy(() -> machine.apply(new Position(1, 12), workload.entry(12)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> machine.checkpoint(temp.resolve("x")))
        .isInstanceOf(IllegalStateException.class);
    machine.close();
    assertReopens("one", 10);
  }

  @Test
  void apply_outOfOrder_isRefused() throws IOException {
    RocksStateMachine machine = machine("one", 10);
    assertThatThrownBy(() -> machine.apply(new Position(1, 10), workload.entry(10)))
        .isInstanceOf(IllegalStateException.class);
    machine.apply(
        new Position(2, 15), workload.entry(15)); // logs have entries of their own in between
    assertThat(machine.appliedIndex()).isEqualTo(15);
    assertThatThrownBy(() -> machine.apply(new Position(1, 16), workload.entry(16)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void apply_onADiskThatFails_throwsAndNeverGoesOn() throws IOException {
    RocksStateMachine machine = smallBuffers();
    open(machine, "one", null);
    Path state = temp.resolve("one/state-1");
    apply(machine, 1, 5);
    // Tables can no longer be created where a directory has been turned into a file.
    Files.move(state, temp.resolve("gone"));
    Files.writeString(state, "no directory");
    assertThatThrownBy(() -> apply(machine, 6, 100_000))
        .isInstanceOf(RuntimeException.class)
        .hasMessageContaining("RocksDB");
    long stopped = machine.appliedIndex();
    assertThatThrownBy(
            () -> machine.apply(new Position(1, stopped + 2), workload.entry(stopped + 2)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(machine.appliedIndex()).isEqualTo(stopped);
  }

  // ---- reads

  @Test
  void loads_duringAppliesAndInstalls_seeWholePartsOnly() throws Exception {
    RocksStateMachine ahead = machine("ahead", 0);
    RocksStateMachine machine = machine("one", 0);
    ProcessId id = new ProcessId("a", "pair");
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch reading = new CountDownLatch(2);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<Long>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        readers.add(
            threads.submit(() -> {
              long last = 0;
              reading.countDown();
              while (!stop.get()) {
                var columns = machine.load(1, id);
                if (!columns.isEmpty()) {
                  long x = number(columns.get("x"));
                  assertThat(number(columns.get("y"))).isEqualTo(x);
                  assertThat(x).isGreaterThanOrEqualTo(last);
                  last = x;
                }
              }
              return last;
            }));
      }
      reading.await();
      long index = 0;
      for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 200; i++) {
          index++;
          byte[] entry = pair(id, index);
          ahead.apply(new Position(1, index), entry);
          if (i < 100) {
            machine.apply(new Position(1, index), entry);
          }
        }
        machine.install(checkpoint(ahead, "image-" + round));
      }
      stop.set(true);
      for (Future<Long> r : readers) {
        assertThat(r.get()).isLessThanOrEqualTo(index);
      }
      assertThat(number(machine.load(1, id).get("x"))).isEqualTo(index);
    }
  }

  @Test
  void scan_listsEachProcessOnce_ofThatShardAndType_upToTheLimit() throws IOException {
    RocksStateMachine machine = machine("one", 0);
    machine.apply(
        new Position(1, 1),
        StoreWire.encodeClaims(List.of(new Claim(1, 1, 1, 1), new Claim(2, 1, 1, 1))));
    List<Change> changes = new ArrayList<>();
    for (String type : List.of("a", "ab", "b")) {
      for (String key : List.of("k", "k2", "日本")) {
        for (String column : List.of("c", "d", "\uffff")) {
          changes.add(new Change(new ProcessId(type, key), column, new byte[1]));
        }
      }
    }
    machine.apply(
        new Position(1, 2),
        StoreWire.encodeCommit(
            List.of(new Part(1, 1, 1, 1, changes), new Part(2, 1, 1, 1, changes.subList(0, 1)))));
    assertThat(machine.scan(1, "a", 10))
        .containsExactly(
            new ProcessId("a", "k"), new ProcessId("a", "k2"), new ProcessId("a", "日本"));
    assertThat(machine.scan(1, "ab", 2))
        .containsExactly(new ProcessId("ab", "k"), new ProcessId("ab", "k2"));
    assertThat(machine.scan(2, "a", 10)).containsExactly(new ProcessId("a", "k"));
    assertThat(machine.scan(3, "a", 10)).isEmpty();
    assertThat(machine.scan(1, "c", 10)).isEmpty();
  }

  // ---- helpers

  /** Something that a disk or a human does to files. */
  private interface Damage {
    void to(Path directory) throws IOException;
  }

  private RocksStateMachine smallBuffers() {
    return new RocksStateMachine(
        (directory, create) -> RocksState.open(directory, create, 64 << 10));
  }

  private RocksStateMachine machine(String name, long entries) throws IOException {
    RocksStateMachine machine = smallBuffers();
    assertThat(open(machine, name, null)).isEqualTo(Position.NONE);
    apply(machine, 1, entries);
    return machine;
  }

  private Position open(RocksStateMachine machine, String name, Path checkpoint)
      throws IOException {
    opened.add(machine);
    return machine.open(Files.createDirectories(temp.resolve(name)), checkpoint);
  }

  private void apply(RocksStateMachine machine, long from, long to) {
    for (long i = from; i <= to; i++) {
      assertThat(machine.apply(new Position(1, i), workload.entry(i))).isNotEmpty();
    }
  }

  private Path checkpoint(RocksStateMachine machine, String name) throws IOException {
    Path image = Files.createDirectory(temp.resolve(name));
    machine.checkpoint(image);
    return image;
  }

  private void assertReopens(String name, long index) throws IOException {
    RocksStateMachine again = new RocksStateMachine();
    assertThat(open(again, name, null)).isEqualTo(new Position(1, index));
    assertSameAsModel(again, index);
    again.close();
  }

  private void assertSameAsModel(RocksStateMachine machine, long index) throws IOException {
    ModelState model = new ModelState(workload);
    model.advanceTo(index);
    model.assertSameAs(machine, "at " + index);
  }

  private static byte[] pair(ProcessId id, long index) {
    if (index == 1) {
      return StoreWire.encodeClaims(List.of(new Claim(1, 1, 1, 1)));
    }
    byte[] value = Long.toString(index).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    return StoreWire.encodeCommit(
        List.of(
            new Part(
                1,
                1,
                1,
                index - 1,
                List.of(new Change(id, "x", value), new Change(id, "y", value)))));
  }

  private static long number(byte[] value) {
    return Long.parseLong(new String(value, java.nio.charset.StandardCharsets.US_ASCII));
  }

  private static Path table(Path image) throws IOException {
    return anyTable(image.resolve("rocksdb"));
  }

  private static Path anyTable(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(p -> p.toString().endsWith(".sst")).sorted().findFirst().orElseThrow();
    }
  }

  private static void flipOneByte(Path image) throws IOException {
    Path table = table(image);
    byte[] bytes = Files.readAllBytes(table);
    bytes[bytes.length / 3] ^= 1;
    Files.write(table, bytes);
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path p : all.toList()) {
        Files.copy(p, to.resolve(from.relativize(p)));
      }
    }
  }
}
