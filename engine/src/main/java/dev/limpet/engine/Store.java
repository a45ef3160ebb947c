package dev.limpet.engine;

import dev.limpet.ProcessId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where the state of processes is saved, fenced by shard (rules 9 and 10).
 *
 * <p>A home first {@linkplain #claim claims} a shard with its epoch and a claim number, then loads and commits under
 * that claim. Each shard's commits carry consecutive sequence numbers from 1 within a claim. What was accepted is on a
 * majority of disks. Thread-safe.
 *
 * <p>A future that fails (with {@link LogException} or any other exception) says nothing about what happened, unless
 * {@code mayHaveRun} is false: the home sends the same again, or claims again with a higher number.
 */
public interface Store extends AutoCloseable {

  /** Claims shards; one answer for each, in order. A repeat of the same claim by the same owner is granted again. */
  CompletableFuture<List<ClaimReply>> claim(List<Claim> claims);

  /**
   * The saved columns of one process, from a state that contains at least the entry with that index.
   *
   * @param atLeast the index of the claim, or of this home's last commit to the shard if that is higher
   */
  CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast);

  /** Commits parts of several shards in one entry; one answer for each part, in order. Each is all or nothing. */
  CompletableFuture<Committed> commit(List<Part> parts);

  /** The largest sum of {@link Part#bytes()} of one commit. */
  int commitBytesMax();

  @Override
  void close();

  /**
   * A home's wish to own a shard's data.
   *
   * @param epoch the epoch of the shard's placement
   * @param number from 1, higher for each later claim under the same epoch
   * @param owner the registration of the claiming node
   */
  record Claim(int shard, long epoch, long number, long owner) {}

  /** The store's answer to a claim. */
  sealed interface ClaimReply {
    /**
     * The shard's data is fenced to this claim.
     *
     * @param index loads under this claim read at least up to here
     * @param earlierLastSequence the last sequence number that was accepted under the claim before this one of the same
     *     epoch, 0 if none was or there was no such claim: it settles what an unknown commit did
     */
    record Granted(long index, long earlierLastSequence) implements ClaimReply {}

    /** A higher claim stands. */
    record Refused(long epoch, long number) implements ClaimReply {}
  }

  /**
   * What one commit changes in one shard.
   *
   * @param epoch of the claim that it rests on
   * @param claim the number of that claim
   * @param sequence consecutive from 1 within the claim
   */
  record Part(int shard, long epoch, long claim, long sequence, List<Change> changes) {
    public Part {
      changes = List.copyOf(changes);
    }

    /** An upper bound for the encoded size. */
    public int bytes() {
      int sum = 40;
      for (Change c : changes) {
        sum += c.bytes();
      }
      return sum;
    }
  }

  /** One column of one process; a null value removes it. */
  record Change(ProcessId id, String column, byte @Nullable [] value) {
    int bytes() {
      return 24 + id.type().length() + id.key().length() * 3 + column.length() * 3 + (value == null ? 0 : value.length);
    }
  }

  /**
   * The answers to a commit.
   *
   * @param index loads that must see the commit read at least up to here
   * @param replies one for each part, in order
   */
  record Committed(long index, List<PartReply> replies) {}

  /** The store's answer to one part. */
  enum PartReply {
    /** Saved now. */
    ACCEPTED,
    /** Saved earlier: this was a repeat. */
    ALREADY_APPLIED,
    /** A higher claim stands; as the answer to a repeat this says nothing about the first sending. */
    FENCED,
    /** The sequence number does not follow the last accepted one; nothing was saved. */
    GAP
  }
}
