package dev.limpet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.ProcessId;
import dev.limpet.engine.Store.PartReply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class MergedLogTest {
  private final ScriptedLog log = new ScriptedLog();
  private final MergedLog merged = new MergedLog(log);

  /** A log whose appends are answered by hand. */
  private static final class ScriptedLog implements ReplicatedLog {
    final List<byte[]> entries = new ArrayList<>();
    final List<CompletableFuture<Applied>> answers = new ArrayList<>();
    boolean leads = true;

    @Override
    public CompletableFuture<Applied> append(byte[] entry) {
      CompletableFuture<Applied> answer = new CompletableFuture<>();
      entries.add(entry);
      answers.add(answer);
      return answer;
    }

    @Override
    public Leadership leadership() {
      return new Leadership(1, "n1", leads);
    }

    @Override
    public long appliedIndex() {
      return 0;
    }

    @Override
    public int entryBytesMax() {
      return 10_000;
    }

    void answer(int i, long index, PartReply... replies) {
      boolean first =
          answers.get(i).complete(new Applied(index, StoreWire.encodeCommitted(List.of(replies))));
      assertThat(first).isTrue();
    }
  }

  private static byte[] commit(int... shards) {
    List<Store.Part> parts = new ArrayList<>();
    for (int shard : shards) {
      byte[] value = ("v" + shard).getBytes(StandardCharsets.UTF_8);
      Store.Change change = new Store.Change(new ProcessId("counter", "k" + shard), "c", value);
      parts.add(new Store.Part(shard, 5, 1, 1, List.of(change)));
    }
    return StoreWire.encodeCommit(parts);
  }

  private static List<Integer> shardsOf(byte[] entry) {
    List<Integer> shards = new ArrayList<>();
    if (StoreWire.decode(entry) instanceof StoreWire.Entry.Commit(CommitCursor cursor)) {
      while (cursor.nextPart()) {
        shards.add(cursor.shard());
      }
    }
    return shards;
  }

  private static List<PartReply> replies(CompletableFuture<Applied> answer) {
    Applied applied = answer.join();
    return StoreWire.decodeCommitted(applied.reply(), applied.index()).replies();
  }

  @Test
  void commits_thatArriveWhileOthersAreUnderWay_shareOneEntry_andKeepTheirOwnAnswers() {
    CompletableFuture<Applied> first = merged.append(commit(1));
    CompletableFuture<Applied> second = merged.append(commit(2));
    CompletableFuture<Applied> third = merged.append(commit(3, 4));
    CompletableFuture<Applied> fourth = merged.append(commit(5));
    assertThat(log.entries).hasSize(2);

    log.answer(0, 10, PartReply.ACCEPTED);
    assertThat(replies(first)).containsExactly(PartReply.ACCEPTED);
    assertThat(log.entries).hasSize(2);
    log.answer(1, 11, PartReply.ACCEPTED);
    assertThat(replies(second)).containsExactly(PartReply.ACCEPTED);
    assertThat(log.entries).hasSize(3);
    assertThat(shardsOf(log.entries.get(2))).containsExactly(3, 4, 5);

    log.answer(2, 12, PartReply.ACCEPTED, PartReply.FENCED, PartReply.ALREADY_APPLIED);
    assertThat(replies(third)).containsExactly(PartReply.ACCEPTED, PartReply.FENCED);
    assertThat(replies(fourth)).containsExactly(PartReply.ALREADY_APPLIED);
    assertThat(third.join().index()).isEqualTo(12);
  }

  @Test
  void many_waitForTheEntryUnderWay_oneAloneDoesNot() {
    CompletableFuture<Applied> first = merged.append(commit(1));
    CompletableFuture<Applied> many = merged.append(commit(2, 3, 4, 5, 6, 7, 8, 9, 10));
    CompletableFuture<Applied> one = merged.append(commit(11));
    assertThat(log.entries).hasSize(1);
    log.answer(0, 10, PartReply.ACCEPTED);
    assertThat(first).isCompleted();
    assertThat(shardsOf(log.entries.get(1))).containsExactly(2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    CompletableFuture<Applied> beside = merged.append(commit(12));
    assertThat(shardsOf(log.entries.get(2))).containsExactly(12);
    assertThat(List.of(many, one, beside)).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void commits_ofAnEntryWithoutAnAnswer_allFailAlike() {
    CompletableFuture<Applied> first = merged.append(commit(1));
    CompletableFuture<Applied> second = merged.append(commit(2));
    CompletableFuture<Applied> third = merged.append(commit(3));
    boolean failed = log.answers.get(0).completeExceptionally(new LogException("lost", true));
    assertThat(failed).isTrue();
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isNotDone();
    assertThat(shardsOf(log.entries.get(2))).containsExactly(3);
    assertThat(third).isNotDone();
  }

  @Test
  void commits_neverMakeAnEntryLargerThanTheLogTakes() {
    byte[] large =
        StoreWire.encodeCommit(
            List.of(
                new Store.Part(
                    7,
                    5,
                    1,
                    1,
                    List.of(
                        new Store.Change(new ProcessId("counter", "k"), "c", new byte[6_000])))));
    List<CompletableFuture<Applied>> answers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      answers.add(merged.append(large));
    }
    for (int i = 0; i < 6; i++) {
      assertThat(log.entries.get(i).length).isLessThanOrEqualTo(10_000);
      log.answer(i, i + 1, PartReply.ACCEPTED);
    }
    assertThat(answers).allSatisfy(a -> assertThat(replies(a)).hasSize(1));
  }

  @Test
  void whatIsNoCommit_orComesToAReplicaThatDoesNotLead_isAppendedAsItIs() {
    byte[] claims = StoreWire.encodeClaims(List.of(new Store.Claim(1, 5, 1, 9)));
    byte[] rubbish = {2, 1, 0, 0, 0, 9, 1, 2, 3};
    CompletableFuture<Applied> claimed = merged.append(claims);
    CompletableFuture<Applied> malformed = merged.append(rubbish);
    log.leads = false;
    CompletableFuture<Applied> elsewhere = merged.append(commit(1));
    assertThat(log.entries).containsExactly(claims, rubbish, log.entries.get(2));
    assertThat(List.of(claimed, malformed, elsewhere)).noneMatch(CompletableFuture::isDone);
    assertThat(shardsOf(log.entries.get(2))).containsExactly(1);
  }
}
