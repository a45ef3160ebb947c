package dev.limpet.store.contract;

import static dev.limpet.engine.Store.PartReply.ACCEPTED;
import static dev.limpet.engine.Store.PartReply.ALREADY_APPLIED;
import static dev.limpet.engine.Store.PartReply.FENCED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.fence.Fence;
import dev.limpet.engine.Store.Change;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import dev.limpet.engine.Store.ClaimReply.Granted;
import dev.limpet.engine.Store.ClaimReply.Refused;
import dev.limpet.engine.Store.Part;
import dev.limpet.engine.Store.PartReply;
import dev.limpet.engine.Store.Pinned;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every store does for a process with a home of its own. ALICE is hashed into shard 1, which BOB is in too; her pins
 * are shards 100 and 101.
 */
public abstract class PinnedStoreContract extends StoreContract {
  private static final int HASHED = 1;
  protected static final int PIN = 100;
  private static final int LATER_PIN = 101;

  protected final ClaimReply claimPin(int pin, long epoch, long number, long owner) {
    Claim claim = new Claim(pin, epoch, number, owner, new Pinned(ALICE, HASHED));
    return join(store.claim(List.of(claim))).getFirst();
  }

  protected final PartReply end(int pin, long epoch, long claim, long sequence) {
    return commit(new Part(pin, epoch, claim, sequence, List.of(), true)).getFirst();
  }

  private PartReply one(int shard, long epoch, long claim, long sequence, Change... changes) {
    return commit(part(shard, epoch, claim, sequence, changes)).getFirst();
  }

  /** The hashed shard at epoch 5, with one commit. */
  protected final void hashed() {
    granted(claim(HASHED, 5, 1, 10));
    assertThat(one(HASHED, 5, 1, 1, put(ALICE, "a", "1"), put(BOB, "b", "1"))).isEqualTo(ACCEPTED);
  }

  @Test
  void pin_findsWhatWasSavedUnderTheHashedShard_andSavesThere() {
    hashed();
    long index = granted(claimPin(PIN, 6, 1, 10)).index();
    assertThat(load(HASHED, ALICE, index)).containsEntry("a", "1");
    index = committed(part(PIN, 6, 1, 1, put(ALICE, "a", "2"))).index();
    assertThat(load(HASHED, ALICE, index)).containsEntry("a", "2");
  }

  @Test
  void pin_thatNobodyClaimed_isFenced() {
    assertThat(one(PIN, 6, 1, 1, put(ALICE, "a", "1"))).isEqualTo(FENCED);
  }

  @Test
  void lateCommitOfTheHashedShard_thatChangesThePinned_isFencedAsAWhole() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    assertThat(one(HASHED, 5, 1, 2, put(BOB, "b", "2"), put(ALICE, "a", "late"))).isEqualTo(FENCED);
    long index = committed(part(HASHED, 5, 1, 2, put(BOB, "b", "3"))).index();
    assertThat(load(HASHED, ALICE, index)).containsEntry("a", "1");
    assertThat(load(HASHED, BOB, index)).as("the others go on").containsEntry("b", "3");
  }

  @Test
  void hashedShardOfANewHome_doesNotChangeThePinnedEither() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    granted(claim(HASHED, 9, 1, 11));
    assertThat(one(HASHED, 9, 1, 1, put(ALICE, "a", "wrong"))).isEqualTo(FENCED);
  }

  @Test
  void repeatOfACommitFromBeforeThePin_isAlreadyApplied() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    assertThat(one(HASHED, 5, 1, 1, put(ALICE, "a", "1"), put(BOB, "b", "1")))
        .isEqualTo(ALREADY_APPLIED);
  }

  @Test
  void pin_changesNoOtherProcess() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    assertThat(one(PIN, 6, 1, 1, put(BOB, "b", "wrong"))).isEqualTo(FENCED);
  }

  @Test
  void claimOfAPin_tellsTheStateThatItBeginsWith() {
    granted(claimPin(PIN, 6, 1, 10));
    commit(part(PIN, 6, 1, 1, put(ALICE, "a", "1")));
    Granted next = granted(claimPin(PIN, 7, 1, 11));
    assertThat(next.former()).isEqualTo(new Fence.Former(6, 1, 1));
    assertThat(next.isUntouched()).isTrue();
    assertThat(one(PIN, 6, 1, 2, put(ALICE, "a", "late"))).isEqualTo(FENCED);
    assertThat(claimPin(PIN, 6, 2, 10)).isEqualTo(new Refused(7, 1));
  }

  @Test
  void endedPin_leavesTheProcessToItsHashedShard_forGood() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    commit(part(PIN, 6, 1, 1, put(ALICE, "a", "2")));
    assertThat(end(PIN, 6, 1, 2)).isEqualTo(ACCEPTED);
    assertThat(end(PIN, 6, 1, 2)).as("the end again").isEqualTo(ALREADY_APPLIED);
    assertThat(one(PIN, 6, 1, 3, put(ALICE, "a", "late"))).isEqualTo(FENCED);
    assertThat(claimPin(PIN, 6, 1, 10)).as("a late claim").isEqualTo(new Refused(6, 1));
    assertThat(claimPin(PIN, 5, 1, 9)).isEqualTo(new Refused(6, 1));
    long index = committed(part(HASHED, 5, 1, 2, put(ALICE, "a", "3"))).index();
    assertThat(load(HASHED, ALICE, index)).containsEntry("a", "3");
  }

  @Test
  void end_outOfSequence_orUnderAnotherClaim_endsNothing() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    assertThat(end(PIN, 6, 1, 2)).isEqualTo(PartReply.GAP);
    granted(claimPin(PIN, 6, 2, 10));
    assertThat(end(PIN, 6, 1, 1)).isEqualTo(FENCED);
    assertThat(one(HASHED, 5, 1, 2, put(ALICE, "a", "wrong"))).isEqualTo(FENCED);
  }

  @Test
  void homeThatEndedThePinAndDied_isFollowedByOneThatClaimsItAgain() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    end(PIN, 6, 1, 1);
    granted(claimPin(PIN, 8, 1, 11));
    assertThat(one(HASHED, 5, 1, 2, put(ALICE, "a", "late"))).isEqualTo(FENCED);
    assertThat(one(PIN, 8, 1, 1, put(ALICE, "a", "2"))).isEqualTo(ACCEPTED);
  }

  @Test
  void homeThatDoesNotKnowOfItsEnd_claimsAgainWithAHigherNumber() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    end(PIN, 6, 1, 1);
    granted(claimPin(PIN, 6, 2, 10));
    assertThat(end(PIN, 6, 2, 1)).isEqualTo(ACCEPTED);
  }

  @Test
  void laterPinOfTheSameProcess_replacesTheEarlier() {
    hashed();
    granted(claimPin(PIN, 6, 1, 10));
    end(PIN, 6, 1, 1);
    commit(part(HASHED, 5, 1, 2, put(ALICE, "a", "2")));
    granted(claimPin(LATER_PIN, 8, 1, 10));
    assertThat(one(PIN, 6, 1, 2, put(ALICE, "a", "late"))).isEqualTo(FENCED);
    assertThat(end(PIN, 6, 1, 2)).isEqualTo(FENCED);
    assertThat(claimPin(PIN, 6, 9, 10)).isEqualTo(new Refused(8, 1));
    assertThat(claimPin(PIN, 8, 9, 10)).isEqualTo(new Refused(8, 1));
    assertThat(one(HASHED, 5, 1, 3, put(ALICE, "a", "late"))).isEqualTo(FENCED);
    long index = committed(part(LATER_PIN, 8, 1, 1, put(ALICE, "a", "3"))).index();
    assertThat(load(HASHED, ALICE, index)).containsEntry("a", "3");
  }
}
