package dev.limpet.engine;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
 * {@code mayHaveRun} is false: the home sends the same again, or claims again with a higher number. A network or a
 * replicated log below may deliver one sending twice and late, so no refusal proves by itself that the refused part was
 * not saved: only a later claim settles that, see {@link ClaimReply.Granted#lastSequenceOf}.
 *
 * <p>What is malformed (too large, out of bounds) is refused at once by an {@link IllegalArgumentException}, thrown
 * rather than returned.
 */
public interface Store extends AutoCloseable {
  /** The longest column name, in bytes of UTF-8; any character is allowed. */
  int COLUMN_BYTES_MAX = 1024;

  /** The most claims that one call takes. */
  int CLAIMS_MAX = 4096;

  /**
   * Claims shards; one answer for each, in order. A repeat of the same claim by the same owner is granted again.
   *
   * @param claims at most {@link #CLAIMS_MAX}
   */
  CompletableFuture<List<ClaimReply>> claim(List<Claim> claims);

  /**
   * The saved columns of one process, from a state that contains at least the entry with that index.
   *
   * @param atLeast the index of the claim, or of this home's last commit to the shard if that is higher
   */
  CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast);

  /**
   * Commits parts of several shards in one entry; one answer for each part, in order. Each is all or nothing.
   *
   * @param parts together at most {@link #commitBytesMax()}
   */
  CompletableFuture<Committed> commit(List<Part> parts);

  /** The largest sum of {@link Part#bytes()} of one commit. */
  int commitBytesMax();

  @Override
  void close();

  /**
   * A home's wish to own a shard's data.
   *
   * @param epoch the epoch of the shard's placement, from 1; no two owners ever share one
   * @param number from 1, higher for each later claim under the same epoch
   * @param owner the registration of the claiming node
   * @param pinned the process that the shard is made of, if the shard is a pin: from then on, and until a part {@linkplain
   *     Part#ends ends} it, no part of another shard number can change that process
   */
  record Claim(int shard, long epoch, long number, long owner, @Nullable Pinned pinned) {
    /** Of a hashed shard. */
    public Claim(int shard, long epoch, long number, long owner) {
      this(shard, epoch, number, owner, null);
    }

    public Claim {
      if (shard < 0 || epoch < 1 || number < 1) {
        throw new IllegalArgumentException(
            "a claim has a shard from 0, epoch and number from 1; got "
                + shard
                + ", "
                + epoch
                + ", "
                + number);
      }
    }
  }

  /**
   * A process with a home of its own.
   *
   * @param hashed the shard that it is hashed into; its columns are loaded from there
   */
  record Pinned(ProcessId id, int hashed) {
    public Pinned {
      if (hashed < 0) {
        throw new IllegalArgumentException("a shard is from 0; got " + hashed);
      }
    }
  }

  /** The store's answer to a claim. */
  sealed interface ClaimReply {
    /**
     * The shard's data is fenced to this claim.
     *
     * @param index loads under this claim read at least up to here
     * @param earlier the claims of the same epoch that stood before this one and that the store still remembers (the
     *     newest eight), newest first
     * @param former the claim that stood when the epoch began, and how far it got
     */
    record Granted(long index, List<Earlier> earlier, Fence.Former former) implements ClaimReply {
      public Granted {
        earlier = List.copyOf(earlier);
      }

      /** Whether nothing was saved under this epoch yet: the state is the one that the former claim left. */
      public boolean isUntouched() {
        return earlier.stream().allMatch(e -> e.lastSequence() == 0);
      }

      /**
       * The last sequence number that was accepted under the claim before this one of the same epoch, 0 if none was or
       * there was no such claim. That claim is not the caller's last <em>answered</em> one when a claim in between
       * brought no answer: then ask by number.
       */
      public long earlierLastSequence() {
        return earlier.isEmpty() ? 0 : earlier.getFirst().lastSequence();
      }

      /**
       * The last sequence number that was accepted under an earlier claim of this epoch, for good: what it covers is
       * saved, what lies above never will be. Empty when the store does not know (that claim never stood, or many came
       * after it): then it stays unknown.
       */
      public OptionalLong lastSequenceOf(long number) {
        for (Earlier e : earlier) {
          if (e.number() == number) {
            return OptionalLong.of(e.lastSequence());
          }
        }
        return OptionalLong.empty();
      }
    }

    /**
     * How far an earlier claim of the same epoch got.
     *
     * @param number of that claim
     * @param lastSequence the last sequence number that was accepted under it, 0 if none was; final
     */
    record Earlier(long number, long lastSequence) {}

    /**
     * A higher claim stands, or one of the same epoch by another owner (which only a broken ledger brings about).
     *
     * @param epoch of the claim that stands
     * @param number of the claim that stands
     */
    record Refused(long epoch, long number) implements ClaimReply {}
  }

  /**
   * What one commit changes in one shard.
   *
   * @param epoch of the claim that it rests on
   * @param claim the number of that claim
   * @param sequence consecutive from 1 within the claim; a repeat carries the same changes
   * @param changes applied in order; may be empty. Of a pin, only of its process
   * @param ends whether the pin ends with this part: its process is in its hashed shard again, and the claim that stands
   *     is void. Says nothing in the part of a hashed shard
   */
  record Part(
      int shard, long epoch, long claim, long sequence, List<Change> changes, boolean ends) {
    /** That ends nothing. */
    public Part(int shard, long epoch, long claim, long sequence, List<Change> changes) {
      this(shard, epoch, claim, sequence, changes, false);
    }

    public Part {
      if (shard < 0 || epoch < 1 || claim < 1 || sequence < 1) {
        throw new IllegalArgumentException(
            "a part has a shard from 0, epoch, claim and sequence from 1; got "
                + (shard + ", " + epoch + ", " + claim + ", " + sequence));
      }
      changes = List.copyOf(changes);
    }

    /** An upper bound for the encoded size. */
    public int bytes() {
      long sum = 40;
      for (Change c : changes) {
        sum += c.bytes();
      }
      return (int) Math.min(sum, Integer.MAX_VALUE);
    }
  }

  /**
   * One column of one process; a null value removes it. The caller does not change the value afterwards.
   *
   * @param column 1 to {@link #COLUMN_BYTES_MAX} bytes of UTF-8, any characters
   */
  record Change(ProcessId id, String column, byte @Nullable [] value) {
    // Written out: javac leaves the annotation of the value out of a compact constructor's class
    // file.
    public Change(ProcessId id, String column, byte @Nullable [] value) {
      ColumnNames.check(column);
      this.id = id;
      this.column = column;
      this.value = value;
    }

    /** An upper bound for the encoded size. */
    public int bytes() {
      return 24
          + id.type().length()
          + id.key().length() * 3
          + column.length() * 3
          + (value == null ? 0 : value.length);
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
    /**
     * Another claim stands, or the part changes a process that has a home of its own and is not here. This sending saved nothing, but an earlier sending may have, and the log below may have
     * sent it twice by itself: so this never means "it did not run".
     */
    FENCED,
    /**
     * The sequence number does not follow the last accepted one. Nothing was saved; but while the claim stands, a late
     * duplicate may still be accepted once its predecessors were.
     */
    GAP
  }
}
