package dev.limpet.store.contract;

import static dev.limpet.engine.Store.PartReply.ACCEPTED;
import static dev.limpet.engine.Store.PartReply.ALREADY_APPLIED;
import static dev.limpet.engine.Store.PartReply.FENCED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.engine.Store;
import dev.limpet.engine.Store.ClaimReply.Refused;
import dev.limpet.engine.Store.Committed;
import dev.limpet.engine.Store.PartReply;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a {@link Store} does beyond {@link StoreContract} when it outlives its process. */
public abstract class DurableStoreContract extends PinnedStoreContract {

  /** The same store after it was closed and opened again. */
  protected abstract Store reopen(Store store) throws Exception;

  @Test
  void reopen_keepsEverything() throws Exception {
    granted(claim(1, 5, 1, 10));
    commit(part(1, 5, 1, 1, put(ALICE, "a", "1"), put(BOB, "b", "1")));
    granted(claim(1, 5, 2, 10));
    Committed before = committed(part(1, 5, 2, 1, put(ALICE, "a", "2"), remove(BOB, "b")));
    assertThat(claim(2, 7, 1, 12)).isNotNull();

    store = reopen(store);

    assertThat(load(1, ALICE, before.index())).containsExactlyInAnyOrderEntriesOf(Map.of("a", "2"));
    assertThat(load(1, BOB, before.index())).isEmpty();
    assertThat(commit(part(1, 5, 1, 2, put(ALICE, "a", "late")))).containsExactly(FENCED);
    assertThat(commit(part(1, 5, 2, 1, put(ALICE, "a", "again")))).containsExactly(ALREADY_APPLIED);
    Committed after = committed(part(1, 5, 2, 2, put(ALICE, "a", "3")));
    assertThat(after.replies()).containsExactly(ACCEPTED);
    assertThat(after.index()).isGreaterThan(before.index());
    assertThat(claim(2, 6, 1, 13)).isEqualTo(new Refused(7, 1));
    assertThat(claim(1, 5, 2, 11)).isEqualTo(new Refused(5, 2));
    assertThat(granted(claim(1, 5, 3, 10)).lastSequenceOf(1)).hasValue(1);
    assertThat(granted(claim(1, 5, 3, 10)).lastSequenceOf(2)).hasValue(2);
  }

  @Test
  void pins_surviveAReopening() throws Exception {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    store = reopen(store);
    assertThat(commit(part(1, 5, 1, 2, put(ALICE, "a", "late")))).containsExactly(PartReply.FENCED);
    assertThat(end(PIN, 6, 1, 1)).isEqualTo(PartReply.ACCEPTED);
    store = reopen(store);
    assertThat(end(PIN, 6, 1, 1)).isEqualTo(PartReply.ALREADY_APPLIED);
    assertThat(commit(part(1, 5, 1, 2, put(ALICE, "a", "2")))).containsExactly(PartReply.ACCEPTED);
  }
}
