package dev.limpet.store.embedded;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.engine.CommitCursor;
import dev.limpet.engine.FencedReplies;
import dev.limpet.engine.PinTable;
import dev.limpet.engine.Position;
import dev.limpet.engine.StateMachine;
import dev.limpet.engine.Store;
import dev.limpet.engine.StoreWire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The store's state on one node: what the entries of the log made of claims and commits, in RocksDB.
 *
 * <p>The methods of {@link StateMachine} are called by one thread at a time; {@link #load}, {@link #scan},
 * {@link #appliedIndex} and {@link #reached} by any.
 */
public final class RocksStateMachine implements StateMachine {
  /*
   * The problem: apply thousands of small commits a second, lose none that was acknowledged, and never tear one apart.
   *
   * The idea: an entry becomes one atomic batch of rows, and the batch also writes the position of the entry. The batch
   * goes to memory only, without a write-ahead log of RocksDB's: the replicated log has it on a majority of disks, and
   * keeps it until a checkpoint, which flushes. Whatever a crash leaves of the memory tables is therefore the state as of
   * the position in it, and the log goes on from there. The fences are few and are kept in memory beside their rows.
   *
   * What can go wrong. A write that fails leaves this replica behind the log for ever, so nothing is applied after it:
   * each later call throws until the node is started again. A checkpoint that replaces the state is built beside it and
   * chosen by the rename of one file (Generations); readers hold the read lock, so that no database is closed under
   * them. An entry that cannot be decoded changes nothing but the position on every replica alike; an entry for rules
   * that this code does not know must not be applied by any others, so it throws.
   */

  private static final System.Logger LOG = System.getLogger(RocksStateMachine.class.getName());
  private static final int SCRATCH_BYTES = 256 << 10;

  static {
    RocksDB.loadLibrary();
  }

  private final Opener opener;
  private final AppliedIndex appliedIndex = new AppliedIndex();
  private final ReentrantReadWriteLock stateLock = new ReentrantReadWriteLock();
  private @Nullable RocksState state; // replaced under the write lock by the thread that applies

  // Below: only the thread that applies.
  private @Nullable Generations generations;
  private @Nullable WriteBatch batch;
  private final Map<Integer, Fence> fences = new HashMap<>();
  private final Map<Integer, Fence> changedFences = new HashMap<>();
  private final PinTable pins = new PinTable();
  private final ByteBuffer key = ByteBuffer.allocateDirect(Rows.KEY_BYTES_MAX);
  private ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
  private Position applied = Position.NONE;
  private @Nullable Exception broken;

  /** Opens RocksDB in a directory. */
  interface Opener {
    RocksState open(Path directory, boolean create) throws IOException;
  }

  /** Not usable before {@link #open}. */
  public RocksStateMachine() {
    this(RocksState::open);
  }

  RocksStateMachine(Opener opener) {
    this.opener = opener;
  }

  // ---- any thread

  /** The last applied entry. */
  public long appliedIndex() {
    return appliedIndex.index();
  }

  /** Completes when at least that entry was applied, on the thread that applied it; fails when it is not in time. */
  public CompletableFuture<Long> reached(long atLeast, Duration timeout) {
    return appliedIndex.reached(atLeast, timeout);
  }

  /** The saved columns of a process as of some entry not before the last applied one. */
  public Map<String, byte[]> load(int shard, ProcessId id) throws IOException {
    stateLock.readLock().lock();
    try {
      return opened().load(shard, id);
    } finally {
      stateLock.readLock().unlock();
    }
  }

  /** The processes of a type that have saved columns in a shard, shorter keys first, at most {@code limit}. */
  public List<ProcessId> scan(int shard, String type, int limit) throws IOException {
    ProcessId.checkType(type);
    stateLock.readLock().lock();
    try {
      return opened().scan(shard, type, limit);
    } finally {
      stateLock.readLock().unlock();
    }
  }

  // ---- the thread that applies

  @Override
  public Position open(Path directory, @Nullable Path checkpoint) throws IOException {
    if (state != null) {
      throw new IllegalStateException("the state is open already");
    }
    Generations found = new Generations(directory);
    generations = found;
    batch = new WriteBatch();
    RocksState own = null;
    DamagedState unreadable = null;
    Path current = null;
    try {
      current = found.current();
      own = current == null ? null : openAt(current);
    } catch (DamagedState e) {
      unreadable = e;
    }
    StateImage image = checkpoint == null ? null : readImage(checkpoint, own != null);
    Position ownPosition = own == null ? Position.NONE : own.position();
    if (image != null && (own == null || image.position().index() > ownPosition.index())) {
      if (unreadable != null) {
        LOG.log(
            System.Logger.Level.WARNING,
            "the state is unreadable and is replaced by the checkpoint",
            unreadable);
      }
      try {
        replace(own, image);
      } catch (IOException | RuntimeException e) {
        if (own != null) {
          own.close();
        }
        throw e;
      }
    } else if (own != null) {
      take(own, ownPosition);
      found.clear(current);
    } else if (unreadable != null) {
      throw new IOException(
          "the saved state in "
              + directory
              + " is unreadable and there is no checkpoint to replace it; start this node"
              + " with an empty data directory and let it join anew",
          unreadable);
    } else {
      found.clear(null);
      Path first = found.fresh();
      RocksState fresh = opener.open(first, /* create= */ true);
      try {
        found.choose(first);
      } catch (IOException e) {
        fresh.close();
        throw e;
      }
      take(fresh, Position.NONE);
    }
    return applied;
  }

  private RocksState openAt(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new DamagedState("the state's directory " + directory + " is gone");
    }
    RocksState opened = opener.open(directory, /* create= */ false);
    try {
      opened.position();
      opened.fences();
      opened.pins();
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** Own files contain every checkpoint that this machine wrote or took, so a broken one is no loss beside them. */
  private static @Nullable StateImage readImage(Path checkpoint, boolean ownIsReadable)
      throws IOException {
    try {
      return StateImage.read(checkpoint);
    } catch (IOException e) {
      if (!ownIsReadable) {
        throw e;
      }
      LOG.log(System.Logger.Level.WARNING, "the checkpoint is ignored", e);
      return null;
    }
  }

  @Override
  public byte[] apply(Position at, byte[] entry) {
    RocksState rows = usable();
    if (at.index() <= applied.index() || at.term() < applied.term()) {
      throw new IllegalStateException("asked to apply " + at + " after " + applied);
    }
    WriteBatch changes = batch();
    try {
      byte[] reply;
      try {
        reply = stage(changes, at, entry);
      } catch (StoreWire.Malformed e) {
        changes.clear();
        changedFences.clear();
        pins.undo();
        reply = StoreWire.encodeMalformed(String.valueOf(e.getMessage()));
      }
      for (Map.Entry<Integer, Fence> e : changedFences.entrySet()) {
        changes.put(Rows.fenceKey(e.getKey()), Rows.encode(e.getValue()));
      }
      for (PinTable.Row pin : pins.changed()) {
        changes.put(Rows.pinKey(pin), Rows.encode(pin.fence()));
      }
      changes.put(Rows.POSITION, Rows.encode(at));
      rows.write(changes);
      fences.putAll(changedFences);
      pins.keep();
      applied = at;
      appliedIndex.advance(at.index());
      return reply;
    } catch (RocksDBException e) {
      broken = e;
      throw new UncheckedIOException(
          new IOException("RocksDB could not save the entry at " + at + ": " + e.getMessage(), e));
    } catch (RuntimeException e) {
      broken = e;
      throw e;
    } finally {
      changes.clear();
      changedFences.clear();
      if (scratch.capacity() > SCRATCH_BYTES) {
        scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
      }
    }
  }

  private byte[] stage(WriteBatch changes, Position at, byte[] entry) throws RocksDBException {
    return switch (StoreWire.decode(entry)) {
      case StoreWire.Entry.Claims(List<Store.Claim> claims) -> {
        List<Store.ClaimReply> replies = new ArrayList<>(claims.size());
        for (Store.Claim c : claims) {
          if (c.pinned() != null) {
            replies.add(FencedReplies.of(pins.claim(c, c.pinned()), at.index()));
            continue;
          }
          Fence.ClaimDecision decision = fence(c.shard()).claim(c.epoch(), c.number(), c.owner());
          if (decision instanceof Fence.ClaimDecision.Granted(Fence next)) {
            changedFences.put(c.shard(), next);
          }
          replies.add(FencedReplies.of(decision, at.index()));
        }
        yield StoreWire.encodeClaimed(replies);
      }
      case StoreWire.Entry.Commit(CommitCursor parts) -> {
        load(entry);
        List<Store.PartReply> replies = new ArrayList<>(parts.parts());
        while (parts.nextPart()) {
          PinTable.Row pin = pins.numbered(parts.shard());
          Fence.PartDecision decision = pin == null ? decide(parts) : decide(pin, parts);
          if (decision == Fence.PartDecision.ACCEPTED) {
            int shard = pin == null ? parts.shard() : pin.hashed();
            while (parts.nextChange()) {
              stageChange(changes, shard, parts, entry);
            }
          }
          replies.add(FencedReplies.of(decision));
        }
        yield StoreWire.encodeCommitted(replies);
      }
    };
  }

  /** Decides a hashed shard's part; all of it is refused if it changes a process that has a home of its own. */
  private Fence.PartDecision decide(CommitCursor part) {
    Fence fence = fence(part.shard());
    Fence.PartDecision decision = fence.part(part.epoch(), part.claim(), part.sequence());
    if (decision == Fence.PartDecision.ACCEPTED) {
      if (pins.isPinnedFrom(part.shard())) {
        while (part.nextChange()) {
          if (pins.isPinned(part.process())) {
            return Fence.PartDecision.FENCED;
          }
        }
        part.rewind();
      }
      changedFences.put(part.shard(), fence.accepted());
    }
    return decision;
  }

  private Fence.PartDecision decide(PinTable.Row pin, CommitCursor part) {
    while (part.nextChange()) {
      if (!part.process().equals(pin.id())) {
        return Fence.PartDecision.FENCED;
      }
    }
    part.rewind();
    return pins.part(pin, part.epoch(), part.claim(), part.sequence(), part.ends());
  }

  private void stageChange(WriteBatch changes, int shard, CommitCursor change, byte[] entry)
      throws RocksDBException {
    key.clear();
    Rows.columnKey(shard, change, entry, key);
    key.flip();
    if (change.removes()) {
      changes.delete(key);
    } else {
      scratch.limit(change.valueOffset() + change.valueLength()).position(change.valueOffset());
      changes.put(key, scratch);
    }
  }

  /** RocksDB takes values from memory outside the heap without a copy of their own. */
  private void load(byte[] entry) {
    if (scratch.capacity() < entry.length) {
      scratch = ByteBuffer.allocateDirect(entry.length);
    }
    scratch.clear();
    scratch.put(entry);
  }

  private Fence fence(int shard) {
    Fence changed = changedFences.get(shard);
    return changed != null ? changed : fences.getOrDefault(shard, Fence.NONE);
  }

  @Override
  public void checkpoint(Path empty) throws IOException {
    RocksState rows = usable();
    rows.flush();
    StateImage.write(rows, applied, empty);
  }

  @Override
  public Position install(Path checkpoint) throws IOException {
    RocksState old = usable();
    StateImage image = StateImage.read(checkpoint);
    if (image.position().index() <= applied.index()) {
      LOG.log(
          System.Logger.Level.INFO,
          "the checkpoint of " + image.position() + " adds nothing to " + applied);
      return applied;
    }
    replace(old, image);
    return applied;
  }

  private void replace(@Nullable RocksState old, StateImage image) throws IOException {
    Generations dirs = Objects.requireNonNull(generations);
    Path next = dirs.fresh();
    RocksState opened = build(image, next);
    try {
      dirs.choose(next);
    } catch (IOException e) {
      // Nobody knows which of the two the next start will find chosen, so both stay and this
      // machine ends here.
      broken = e;
      opened.close();
      throw e;
    }
    take(opened, image.position());
    if (old != null) {
      old.close();
    }
    dirs.clear(next);
  }

  /** Copies, opens and verifies; leaves nothing behind if that fails. */
  private RocksState build(StateImage image, Path next) throws IOException {
    RocksState opened = null;
    try {
      image.copyTo(next);
      opened = openAt(next);
      opened.verify();
      Position inside = opened.position();
      if (!inside.equals(image.position())) {
        throw new IOException(
            "the checkpoint says " + image.position() + ", its rows say " + inside);
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      if (opened != null) {
        opened.close();
      }
      SyncedFiles.deleteTree(next);
      throw e;
    }
  }

  private void take(RocksState next, Position at) throws IOException {
    Map<Integer, Fence> nextFences = next.fences();
    List<PinTable.Row> nextPins = next.pins();
    stateLock.writeLock().lock();
    try {
      state = next;
    } finally {
      stateLock.writeLock().unlock();
    }
    fences.clear();
    fences.putAll(nextFences);
    pins.load(nextPins);
    applied = at;
    appliedIndex.advance(at.index());
  }

  @Override
  public void close() throws IOException {
    appliedIndex.close();
    RocksState old;
    stateLock.writeLock().lock();
    try {
      old = state;
      state = null;
    } finally {
      stateLock.writeLock().unlock();
    }
    if (old != null) {
      try (old) {
        if (broken == null) {
          old.flush();
        }
      }
    }
    if (batch != null) {
      batch.close();
      batch = null;
    }
  }

  private RocksState opened() throws IOException {
    RocksState opened = state;
    if (opened == null) {
      throw new IOException("the store's replica on this node is not open");
    }
    return opened;
  }

  private RocksState usable() {
    if (broken != null) {
      throw new IllegalStateException(
          "an earlier entry could not be saved; this node must be restarted", broken);
    }
    if (state == null) {
      throw new IllegalStateException("the state is not open");
    }
    return state;
  }

  private WriteBatch batch() {
    return Objects.requireNonNull(batch);
  }

  /** The whole state, for tests. */
  Map<List<Byte>, List<Byte>> everything() throws IOException {
    return opened().everything();
  }
}
