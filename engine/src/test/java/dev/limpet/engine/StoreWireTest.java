package dev.limpet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.engine.Store.Change;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import dev.limpet.engine.Store.Committed;
import dev.limpet.engine.Store.Part;
import dev.limpet.engine.Store.PartReply;
import dev.limpet.engine.StoreWire.Malformed;
import dev.limpet.engine.StoreWire.UnknownRules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StoreWireTest {
  private static final List<Claim> CLAIMS =
      List.of(new Claim(0, 1, 1, -5), new Claim(7, Long.MAX_VALUE, 3, 9));
  private static final List<Part> PARTS =
      List.of(
          new Part(
              3,
              5,
              2,
              9,
              List.of(
                  new Change(new ProcessId("wallet", "al/ice"), "balance", new byte[] {1, 2, 3}),
                  new Change(new ProcessId("a", "🐚"), "\u0000é", new byte[0]),
                  new Change(new ProcessId("a", "b"), "gone", null))),
          new Part(4, 5, 2, 1, List.of()));

  @Test
  void claims_areReadAsWritten() {
    StoreWire.Entry entry = StoreWire.decode(StoreWire.encodeClaims(CLAIMS));
    assertThat(entry).isEqualTo(new StoreWire.Entry.Claims(CLAIMS));
  }

  @Test
  void parts_areReadAsWritten_andFitTheirAnnouncedSize() {
    byte[] entry = StoreWire.encodeCommit(PARTS);
    assertThat(entry.length)
        .isLessThanOrEqualTo(StoreWire.OVERHEAD_BYTES + PARTS.stream().mapToInt(Part::bytes).sum());
    assertSame(parts(entry), PARTS);
  }

  @Test
  void bytes_isAnUpperBoundForEveryCharacterAndLength() {
    for (String key :
        List.of("k", "é".repeat(256), "日".repeat(170), "🐚".repeat(128), "k".repeat(512))) {
      for (String column : List.of("c", "\uffff".repeat(341), "🐚".repeat(256))) {
        Part part =
            new Part(
                1,
                1,
                1,
                1,
                List.of(new Change(new ProcessId("t".repeat(64), key), column, new byte[7])));
        assertThat(StoreWire.encodeCommit(List.of(part)).length)
            .isLessThanOrEqualTo(StoreWire.OVERHEAD_BYTES + part.bytes());
      }
    }
  }

  @Test
  void cursor_skipsChangesThatNobodyReads() {
    CommitCursor cursor =
        ((StoreWire.Entry.Commit) StoreWire.decode(StoreWire.encodeCommit(PARTS))).parts();
    assertThat(cursor.nextPart()).isTrue();
    assertThat(cursor.nextPart()).isTrue();
    assertThat(cursor.shard()).isEqualTo(4);
    assertThat(cursor.nextPart()).isFalse();
  }

  @Test
  void replies_areReadAsWritten() {
    List<ClaimReply> claimed =
        List.of(
            new ClaimReply.Granted(
                12,
                List.of(new ClaimReply.Earlier(3, 4), new ClaimReply.Earlier(1, 0)),
                new Fence.Former(7, 2, 5)),
            new ClaimReply.Refused(8, 9),
            new ClaimReply.Granted(12, List.of(), Fence.Former.NONE));
    assertThat(StoreWire.decodeClaimed(StoreWire.encodeClaimed(claimed), 12)).isEqualTo(claimed);
    List<PartReply> replies = List.of(PartReply.values());
    assertThat(StoreWire.decodeCommitted(StoreWire.encodeCommitted(replies), 5))
        .isEqualTo(new Committed(5, replies));
  }

  @Test
  void malformedReply_isToldToTheCaller() {
    byte[] reply = StoreWire.encodeMalformed("x".repeat(5000));
    assertThat(reply.length).isLessThan(2000);
    assertThatThrownBy(() -> StoreWire.decodeCommitted(reply, 1))
        .isInstanceOf(Malformed.class)
        .hasMessageContaining("xxx");
  }

  @Test
  void rulesToCome_stopTheReader_andRulesOfZeroAreMalformed() {
    byte[] entry = StoreWire.encodeClaims(CLAIMS);
    entry[1] = 2;
    assertThatThrownBy(() -> StoreWire.decode(entry)).isInstanceOf(UnknownRules.class);
    entry[1] = (byte) 0xff;
    assertThatThrownBy(() -> StoreWire.decode(entry)).isInstanceOf(UnknownRules.class);
    entry[1] = 0;
    assertThatThrownBy(() -> StoreWire.decode(entry)).isInstanceOf(Malformed.class);
  }

  @Test
  void everyTruncation_isMalformed() {
    for (byte[] whole : List.of(StoreWire.encodeClaims(CLAIMS), StoreWire.encodeCommit(PARTS))) {
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> readWhole(cut)).as("of " + length).isInstanceOf(Malformed.class);
      }
      byte[] longer = Arrays.copyOf(whole, whole.length + 1);
      assertThatThrownBy(() -> readWhole(longer)).isInstanceOf(Malformed.class);
    }
  }

  @Test
  void hugeCounts_areRefusedBeforeAnythingIsAllocated() {
    for (int kind : List.of(StoreWire.KIND_CLAIMS, StoreWire.KIND_COMMIT)) {
      for (int count : List.of(Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 153_391_690)) {
        byte[] entry = ByteBuffer.allocate(6).put((byte) kind).put((byte) 1).putInt(count).array();
        assertThatThrownBy(() -> readWhole(entry)).isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> StoreWire.decodeClaimed(entry, 1)).isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> StoreWire.decodeCommitted(entry, 1)).isInstanceOf(Malformed.class);
      }
    }
  }

  @Test
  void randomDamage_endsInAResultOrAClearError() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<byte[]> good = List.of(StoreWire.encodeClaims(CLAIMS), StoreWire.encodeCommit(PARTS));
    int malformed = 0;
    for (int i = 0; i < 40_000; i++) {
      byte[] bytes = good.get(i % 2).clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] =
            (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3) - 1);
      }
      try {
        readWhole(bytes);
      } catch (Malformed | UnknownRules e) {
        malformed++;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + Arrays.toString(bytes), e);
      }
    }
    assertThat(malformed).as("seed " + seed).isGreaterThan(1000);
  }

  @Test
  void columns_thatUtf8CannotCarry_areRefused() {
    ProcessId id = new ProcessId("a", "b");
    for (String bad :
        List.of("", "\ud83d", "\udc1a", "a\ud83db", "x".repeat(1025), "日".repeat(342))) {
      assertThatThrownBy(() -> new Change(id, bad, null))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void readWhole(byte[] bytes) {
    switch (StoreWire.decode(bytes)) {
      case StoreWire.Entry.Claims claims -> assertThat(claims.claims()).isNotNull();
      case StoreWire.Entry.Commit commit ->
          assertThat(StoreWire.decodeParts(commit.parts())).isNotNull();
    }
  }

  private static List<Part> parts(byte[] entry) {
    return StoreWire.decodeParts(((StoreWire.Entry.Commit) StoreWire.decode(entry)).parts());
  }

  /** Parts compare by value, but the arrays in them do not. */
  private static void assertSame(List<Part> actual, List<Part> expected) {
    assertThat(flat(actual)).isEqualTo(flat(expected));
  }

  private static List<String> flat(List<Part> parts) {
    List<String> all = new ArrayList<>();
    for (Part p : parts) {
      all.add(p.shard() + " " + p.epoch() + " " + p.claim() + " " + p.sequence());
      p.changes()
          .forEach(c -> all.add(c.id() + "|" + c.column() + "|" + Arrays.toString(c.value())));
    }
    return all;
  }
}
