package dev.limpet.store.contract;

import static dev.limpet.engine.Store.PartReply.ACCEPTED;
import static dev.limpet.engine.Store.PartReply.ALREADY_APPLIED;
import static dev.limpet.engine.Store.PartReply.FENCED;
import static dev.limpet.engine.Store.PartReply.GAP;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ProcessId;
import dev.limpet.engine.Store;
import dev.limpet.engine.Store.Change;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import dev.limpet.engine.Store.ClaimReply.Earlier;
import dev.limpet.engine.Store.ClaimReply.Granted;
import dev.limpet.engine.Store.ClaimReply.Refused;
import dev.limpet.engine.Store.Committed;
import dev.limpet.engine.Store.Part;
import dev.limpet.engine.Store.PartReply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Store} does. Extend it and say how an empty store is opened. */
@Timeout(60)
public abstract class StoreContract {
  protected static final ProcessId ALICE = new ProcessId("wallet", "alice");
  protected static final ProcessId BOB = new ProcessId("wallet", "bob");

  @SuppressWarnings("NullAway.Init")
  protected Store store;

  /** An empty store, used by one test. */
  protected abstract Store openEmpty() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = openEmpty();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  // ---- claims

  @Test
  void claim_ofAnEmptyStore_isGrantedWithNothingBefore() {
    Granted granted = granted(claim(1, 5, 1, 10));
    assertThat(granted.earlierLastSequence()).isZero();
    assertThat(granted.earlier()).isEmpty();
    assertThat(load(1, ALICE, granted.index())).isEmpty();
  }

  @Test
  void claim_belowTheFence_isRefusedByName() {
    granted(claim(1, 5, 3, 10));
    assertThat(claim(1, 5, 2, 10)).isEqualTo(new Refused(5, 3));
    assertThat(claim(1, 4, 9, 10)).isEqualTo(new Refused(5, 3));
    granted(claim(1, 6, 1, 11));
    assertThat(claim(1, 5, 9, 10)).isEqualTo(new Refused(6, 1));
  }

  @Test
  void claim_repeated_isGrantedAgainAndKeepsTheSequence() {
    granted(claim(1, 5, 1, 10));
    assertThat(commit(part(1, 5, 1, 1, put(ALICE, "a", "1")))).containsExactly(ACCEPTED);
    granted(claim(1, 5, 1, 10));
    assertThat(commit(part(1, 5, 1, 1, put(ALICE, "a", "1")))).containsExactly(ALREADY_APPLIED);
    assertThat(commit(part(1, 5, 1, 2, put(ALICE, "a", "2")))).containsExactly(ACCEPTED);
  }

  @Test
  void claim_ofTheSameEpochByAnother_isRefused() {
    granted(claim(1, 5, 1, 10));
    assertThat(claim(1, 5, 1, 11)).isEqualTo(new Refused(5, 1));
    assertThat(claim(1, 5, 2, 11)).isEqualTo(new Refused(5, 1));
    assertThat(commit(part(1, 5, 1, 1, put(ALICE, "a", "1")))).containsExactly(ACCEPTED);
  }

  @Test
  void claim_higher_fencesTheEarlierAndStartsTheSequenceAnew() {
    granted(claim(1, 5, 1, 10));
    commit(part(1, 5, 1, 1, put(ALICE, "a", "1")));
    granted(claim(1, 6, 1, 11));
    assertThat(commit(part(1, 5, 1, 2, put(ALICE, "a", "late")))).containsExactly(FENCED);
    assertThat(commit(part(1, 6, 1, 2, put(ALICE, "a", "gap")))).containsExactly(GAP);
    long index = committed(part(1, 6, 1, 1, put(ALICE, "b", "2"))).index();
    assertThat(load(1, ALICE, index))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "b", "2"));
  }

  @Test
  void claim_ofManyShards_answersInOrder() {
    granted(claim(2, 9, 1, 10));
    List<ClaimReply> replies =
        join(
            store.claim(
                List.of(new Claim(3, 5, 1, 11), new Claim(2, 5, 1, 11), new Claim(1, 5, 1, 11))));
    assertThat(replies).hasSize(3);
    granted(replies.get(0));
    assertThat(replies.get(1)).isEqualTo(new Refused(9, 1));
    granted(replies.get(2));
  }

  @Test
  void claim_afterAnUnknownCommit_tellsWhetherItWasSaved() {
    granted(claim(1, 5, 1, 10));
    commit(part(1, 5, 1, 1, put(ALICE, "a", "1")));
    commit(part(1, 5, 1, 2, put(ALICE, "a", "2")));
    Granted second = granted(claim(1, 5, 2, 10));
    assertThat(second.earlierLastSequence()).isEqualTo(2);
    assertThat(commit(part(1, 5, 1, 3, put(ALICE, "a", "late")))).containsExactly(FENCED);
    assertThat(load(1, ALICE, second.index())).containsEntry("a", "2");
    assertThat(granted(claim(1, 5, 2, 10)).earlierLastSequence())
        .as("the repeated claim")
        .isEqualTo(2);
  }

  @Test
  void claim_afterAnUnansweredClaim_stillTellsOfTheOneBeforeIt() {
    granted(claim(1, 5, 1, 10));
    commit(part(1, 5, 1, 1, put(ALICE, "a", "1")));
    for (long number = 2; number <= 5; number++) {
      granted(claim(1, 5, number, 10));
    }
    Granted last = granted(claim(1, 5, 6, 10));
    assertThat(last.lastSequenceOf(1)).hasValue(1);
    assertThat(last.lastSequenceOf(5)).hasValue(0);
    assertThat(last.lastSequenceOf(6)).isEmpty();
    assertThat(last.earlier().getFirst()).isEqualTo(new Earlier(5, 0));
  }

  @Test
  void claim_ofAHigherEpoch_tellsNothingOfTheEpochBefore() {
    granted(claim(1, 5, 1, 10));
    commit(part(1, 5, 1, 1, put(ALICE, "a", "1")));
    assertThat(granted(claim(1, 6, 2, 10)).earlier()).isEmpty();
  }

  @Test
  void claims_ofManyAtOnce_leaveOneOwnerAndOneHistory() throws Exception {
    int claimers = 8;
    int rounds = 15;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<List<String>>> tasks = new ArrayList<>();
      for (int c = 0; c < claimers; c++) {
        int owner = c;
        tasks.add(() -> claimAndAppend(owner, claimers, rounds));
      }
      List<String> accepted = new ArrayList<>();
      for (Future<List<String>> f : threads.invokeAll(tasks)) {
        accepted.addAll(f.get());
      }
      long index = granted(claim(1, 1_000_000, 1, 99)).index();
      assertThat(load(1, ALICE, index).keySet()).containsExactlyInAnyOrderElementsOf(accepted);
      assertThat(accepted).isNotEmpty();
    }
  }

  /** Claims under ever higher epochs of its own; each commit names the value that its claim made it read. */
  private List<String> claimAndAppend(int owner, int claimers, int rounds) {
    List<String> accepted = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      long epoch = 1L + (long) round * claimers + owner;
      if (claim(1, epoch, 1, owner) instanceof Granted) {
        for (int sequence = 1; sequence <= 3; sequence++) {
          String column = epoch + "-" + sequence;
          PartReply reply = commit(part(1, epoch, 1, sequence, put(ALICE, column, "x"))).getFirst();
          if (reply == ACCEPTED) {
            accepted.add(column);
          } else {
            assertThat(reply).isEqualTo(FENCED);
          }
        }
      }
    }
    return accepted;
  }

  // ---- commits

  @Test
  void commit_withoutAClaim_isFenced() {
    assertThat(commit(part(1, 1, 1, 1, put(ALICE, "a", "1")))).containsExactly(FENCED);
    granted(claim(1, 2, 1, 10));
    assertThat(commit(part(1, 3, 1, 1, put(ALICE, "a", "1")))).containsExactly(FENCED);
    assertThat(commit(part(1, 2, 2, 1, put(ALICE, "a", "1")))).containsExactly(FENCED);
    long index = granted(claim(1, 9, 1, 10)).index();
    assertThat(load(1, ALICE, index)).isEmpty();
  }

  @Test
  void commit_repeated_isAnsweredAndChangesNothing() {
    granted(claim(1, 5, 1, 10));
    Part first = part(1, 5, 1, 1, put(ALICE, "a", "1"));
    commit(first);
    commit(part(1, 5, 1, 2, put(ALICE, "a", "2")));
    Committed again = committed(first);
    assertThat(again.replies()).containsExactly(ALREADY_APPLIED);
    assertThat(load(1, ALICE, again.index())).containsEntry("a", "2");
  }

  @Test
  void commit_thatOvertookItsPredecessor_isRefusedUntilThatCame() {
    granted(claim(1, 5, 1, 10));
    Part first = part(1, 5, 1, 1, put(ALICE, "a", "1"));
    Part second = part(1, 5, 1, 2, put(ALICE, "a", "2"));
    Committed early = committed(second);
    assertThat(early.replies()).containsExactly(GAP);
    assertThat(load(1, ALICE, early.index())).isEmpty();
    assertThat(commit(first)).containsExactly(ACCEPTED);
    assertThat(commit(second)).containsExactly(ACCEPTED);
  }

  @Test
  void commit_ofSeveralParts_decidesEachOnItsOwn() {
    granted(claim(1, 5, 1, 10));
    granted(claim(2, 5, 1, 10));
    granted(claim(3, 6, 1, 11));
    Committed done =
        committed(
            part(1, 5, 1, 1, put(ALICE, "a", "1")),
            part(2, 5, 1, 2, put(ALICE, "a", "2")),
            part(3, 5, 1, 1, put(ALICE, "a", "3")),
            part(1, 5, 1, 2, put(ALICE, "b", "4")),
            part(1, 5, 1, 2, put(ALICE, "b", "5")),
            part(2, 5, 1, 1, put(ALICE, "c", "6")));
    assertThat(done.replies())
        .containsExactly(ACCEPTED, GAP, FENCED, ACCEPTED, ALREADY_APPLIED, ACCEPTED);
    assertThat(load(1, ALICE, done.index()))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "b", "4"));
    assertThat(load(2, ALICE, done.index())).containsExactlyInAnyOrderEntriesOf(Map.of("c", "6"));
    assertThat(load(3, ALICE, done.index())).isEmpty();
  }

  @Test
  void commit_refused_savesNoneOfItsChanges() {
    granted(claim(1, 5, 1, 10));
    commit(part(1, 5, 1, 1, put(ALICE, "a", "1"), put(BOB, "b", "1")));
    Committed refused =
        committed(part(1, 5, 1, 3, put(ALICE, "a", "3"), remove(BOB, "b"), put(BOB, "c", "3")));
    assertThat(refused.replies()).containsExactly(GAP);
    assertThat(load(1, ALICE, refused.index()))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", "1"));
    assertThat(load(1, BOB, refused.index())).containsExactlyInAnyOrderEntriesOf(Map.of("b", "1"));
  }

  @Test
  void commit_changesOfOnePart_areAppliedInOrder() {
    granted(claim(1, 5, 1, 10));
    Committed done =
        committed(
            part(
                1,
                5,
                1,
                1,
                put(ALICE, "a", "1"),
                put(ALICE, "a", "2"),
                put(ALICE, "b", "1"),
                remove(ALICE, "b"),
                remove(ALICE, "c"),
                put(ALICE, "c", "3")));
    assertThat(load(1, ALICE, done.index()))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", "2", "c", "3"));
  }

  @Test
  void commit_ofRemovals_leavesTheOtherColumns() {
    granted(claim(1, 5, 1, 10));
    commit(part(1, 5, 1, 1, put(ALICE, "a", "1"), put(ALICE, "ab", "2"), put(BOB, "a", "3")));
    Committed done = committed(part(1, 5, 1, 2, remove(ALICE, "a"), remove(ALICE, "never-there")));
    assertThat(load(1, ALICE, done.index())).containsExactlyInAnyOrderEntriesOf(Map.of("ab", "2"));
    assertThat(load(1, BOB, done.index())).containsExactlyInAnyOrderEntriesOf(Map.of("a", "3"));
  }

  @Test
  void commit_withoutChanges_countsInTheSequence() {
    granted(claim(1, 5, 1, 10));
    assertThat(commit(part(1, 5, 1, 1))).containsExactly(ACCEPTED);
    assertThat(commit(part(1, 5, 1, 2, put(ALICE, "a", "1")))).containsExactly(ACCEPTED);
    assertThat(commit()).isEmpty();
  }

  @Test
  void commit_emptyValue_isAValue() {
    granted(claim(1, 5, 1, 10));
    long index = committed(part(1, 5, 1, 1, put(ALICE, "a", ""))).index();
    assertThat(load(1, ALICE, index)).containsExactlyInAnyOrderEntriesOf(Map.of("a", ""));
  }

  @Test
  void commit_upToTheLargest_isSaved_andBeyondIsRefusedAtOnce() {
    granted(claim(1, 5, 1, 10));
    int rest = part(1, 5, 1, 1, new Change(ALICE, "big", new byte[0])).bytes();
    byte[] big = new byte[store.commitBytesMax() - rest];
    new Random(1).nextBytes(big);
    Part largest = part(1, 5, 1, 1, new Change(ALICE, "big", big));
    assertThat(largest.bytes()).isEqualTo(store.commitBytesMax());
    Committed done = committed(largest);
    assertThat(done.replies()).containsExactly(ACCEPTED);
    assertThat(join(store.load(1, ALICE, done.index())).get("big")).isEqualTo(big);

    Part tooLarge = part(1, 5, 1, 2, new Change(ALICE, "big", new byte[big.length + 1]));
    assertThatThrownBy(() -> store.commit(List.of(tooLarge)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void commit_ofOneMegabyte_fits() {
    assertThat(store.commitBytesMax()).isGreaterThan((1 << 20) + 4096);
  }

  // ---- names

  @Test
  void names_thatArePrefixesOfEachOther_neverMix() {
    Set<ProcessId> ids = new LinkedHashSet<>();
    for (String type : List.of("a", "ab", "a.b", "abc")) {
      for (String key :
          List.of(
              "a", "ab", "abc", "/", "a/b", "ab/", "b/c", "%2F", " ", "é", "日本", "🐚", "🐚a",
              "a\u00ff", "\uffff")) {
        ids.add(new ProcessId(type, key));
      }
    }
    List<String> columns =
        List.of("a", "ab", "b", "/", "a/b", "\u0000", "a\u0000b", "日", "🐚", "x".repeat(1024));
    for (int shard : List.of(0, 1, 255, 256, 65_535, Integer.MAX_VALUE)) {
      granted(claim(shard, 5, 1, 10));
      List<Change> changes = new ArrayList<>();
      for (ProcessId id : ids) {
        columns.forEach(column -> changes.add(put(id, column, shard + "|" + id + "|" + column)));
      }
      assertThat(commit(new Part(shard, 5, 1, 1, changes))).containsExactly(ACCEPTED);
    }
    ProcessId removed = new ProcessId("ab", "a/b");
    long index =
        committed(
                new Part(
                    1, 5, 1, 2, columns.stream().map(column -> remove(removed, column)).toList()))
            .index();
    for (int shard : List.of(0, 1, 255, 256, 65_535, Integer.MAX_VALUE)) {
      for (ProcessId id : ids) {
        Map<String, String> expected = new TreeMap<>();
        columns.forEach(column -> expected.put(column, shard + "|" + id + "|" + column));
        boolean gone = shard == 1 && id.equals(removed);
        assertThat(load(shard, id, index))
            .as(shard + " " + id)
            .isEqualTo(gone ? Map.of() : expected);
      }
    }
  }

  @Test
  void names_longest_areSaved() {
    ProcessId id =
        new ProcessId(
            "t".repeat(ProcessId.TYPE_CHARS_MAX), "🐚".repeat(ProcessId.KEY_BYTES_MAX / 4));
    String column = "🐚".repeat(Store.COLUMN_BYTES_MAX / 4);
    granted(claim(1, 5, 1, 10));
    long index = committed(part(1, 5, 1, 1, put(id, column, "1"))).index();
    assertThat(load(1, id, index)).containsExactlyInAnyOrderEntriesOf(Map.of(column, "1"));
  }

  @Test
  void shards_many_eachHaveTheirOwnFenceAndSequence() {
    int shards = 600;
    List<Claim> claims = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      claims.add(new Claim(shard, 5 + shard % 7, 1 + shard % 3, 10));
      parts.add(
          part(
              shard,
              5 + shard % 7,
              1 + shard % 3,
              1,
              put(ALICE, "shard", Integer.toString(shard))));
    }
    assertThat(join(store.claim(claims)))
        .hasSize(shards)
        .allMatch(reply -> reply instanceof Granted);
    Committed done = committed(parts.toArray(Part[]::new));
    assertThat(done.replies()).hasSize(shards).containsOnly(ACCEPTED);
    for (int shard = 0; shard < shards; shard++) {
      assertThat(load(shard, ALICE, done.index())).containsEntry("shard", Integer.toString(shard));
    }
  }

  // ---- loads

  @Test
  void load_atTheClaimsIndex_seesWhatTheFormerOwnerCommitted() {
    long epoch = 1;
    for (int round = 0; round < 50; round++) {
      long index = granted(claim(1, epoch, 1, epoch)).index();
      Map<String, String> seen = load(1, ALICE, index);
      assertThat(seen.getOrDefault("n", "0")).isEqualTo(Integer.toString(round));
      commit(part(1, epoch, 1, 1, put(ALICE, "n", Integer.toString(round + 1))));
      epoch++;
    }
  }

  @Test
  void load_givesCopies() {
    granted(claim(1, 5, 1, 10));
    long index = committed(part(1, 5, 1, 1, put(ALICE, "a", "1"))).index();
    Arrays.fill(join(store.load(1, ALICE, index)).get("a"), (byte) 0);
    assertThat(load(1, ALICE, index)).containsEntry("a", "1");
  }

  @Test
  void indexes_neverGoBack() {
    long claimed = granted(claim(1, 5, 1, 10)).index();
    long first = committed(part(1, 5, 1, 1, put(ALICE, "a", "1"))).index();
    long second = committed(part(1, 5, 1, 2, put(ALICE, "a", "2"))).index();
    assertThat(claimed).isPositive().isLessThan(first);
    assertThat(first).isLessThan(second);
  }

  // ---- the words that tests speak

  protected final ClaimReply claim(int shard, long epoch, long number, long owner) {
    return join(store.claim(List.of(new Claim(shard, epoch, number, owner)))).getFirst();
  }

  protected static Granted granted(ClaimReply reply) {
    assertThat(reply).isInstanceOf(Granted.class);
    return (Granted) reply;
  }

  protected final Committed committed(Part... parts) {
    return join(store.commit(List.of(parts)));
  }

  protected final List<PartReply> commit(Part... parts) {
    return committed(parts).replies();
  }

  protected final Map<String, String> load(int shard, ProcessId id, long atLeast) {
    Map<String, String> columns = new TreeMap<>();
    join(store.load(shard, id, atLeast))
        .forEach((column, value) -> columns.put(column, new String(value, UTF_8)));
    return columns;
  }

  protected static Part part(int shard, long epoch, long claim, long sequence, Change... changes) {
    return new Part(shard, epoch, claim, sequence, List.of(changes));
  }

  protected static Change put(ProcessId id, String column, String value) {
    return new Change(id, column, value.getBytes(UTF_8));
  }

  @SuppressWarnings(
      "NullAway") // the class file of a record loses the @Nullable of a compact constructor's array
  protected static Change remove(ProcessId id, String column) {
    byte @Nullable [] nothing = null;
    return new Change(id, column, nothing);
  }

  protected static <T> T join(CompletableFuture<T> answer) {
    return answer.orTimeout(20, TimeUnit.SECONDS).join();
  }
}
