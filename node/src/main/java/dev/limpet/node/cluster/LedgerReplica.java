package dev.limpet.node.cluster;

import dev.limpet.core.lease.Grantor;
import dev.limpet.core.lease.Times;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Decision;
import dev.limpet.core.ledger.LedgerImage;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.LedgerWire;
import dev.limpet.core.ledger.Placement;
import dev.limpet.engine.Leadership;
import dev.limpet.engine.Position;
import dev.limpet.engine.StateMachine;
import dev.limpet.node.door.Door;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** This node's replica of the ledger: applies its entries to the pure state, and tells of each. */
public final class LedgerReplica implements StateMachine {
  private static final String FILE = "ledger";

  private final Grantor grantor;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  // Guarded by this.
  private LedgerState state = new LedgerState();
  private Position applied = Position.NONE;
  private Leadership leadership = Leadership.UNKNOWN;

  /** Told of each applied entry, in order, on the applying thread: must return at once. */
  public interface Listener {
    /**
     * An entry was applied.
     *
     * @param view the placement after it
     */
    void applied(long index, Placement view, List<Decision> decisions);

    /** What entries decided, in words, by the word of another node's replica; in order. */
    default void told(List<Door.Line> lines) {}

    /** The belief about the leader changed. */
    default void leads(Leadership now) {}
  }

  public LedgerReplica(Times times) {
    this.grantor = new Grantor(times);
  }

  public void listen(Listener listener) {
    listeners.add(listener);
  }

  /** Runs with the grantor, which is soft state beside the ledger, while no entry is applied. */
  synchronized <T> T withGrantor(GrantorUse<T> use) {
    return use.with(grantor, System.nanoTime());
  }

  /** A use of the grantor at a time. */
  interface GrantorUse<T> {
    T with(Grantor grantor, long nowNanos);
  }

  /** The last applied renewal of a registration, or -1 if it is no member. */
  synchronized long sequenceOf(long registration) {
    return state.sequenceOf(registration);
  }

  public synchronized Placement placement() {
    return state.placement();
  }

  /**
   * What was applied after an entry.
   *
   * @param index the last applied entry
   * @param image the state as of it; null if nothing but renewals came since
   */
  record Since(long index, @Nullable LedgerImage image) {}

  synchronized Since since(long known) {
    // A view that is not newer than what is known was decided by entries that the other has, too.
    boolean changed = state.placement().index() > known;
    return new Since(applied.index(), changed ? state.image() : null);
  }

  /**
   * Takes what another node's replica has applied, where this node has none of its own.
   *
   * @param image the state as of that entry; null if only renewals came since the last
   */
  void learned(long index, @Nullable LedgerImage image) {
    Placement view;
    synchronized (this) {
      if (image != null) {
        state = LedgerState.of(image);
      }
      applied = new Position(0, index);
      view = state.placement();
    }
    listeners.forEach(l -> l.applied(index, view, List.of()));
  }

  /** Passes on what entries decided by the word of another node's replica. */
  void told(List<Door.Line> lines) {
    listeners.forEach(l -> l.told(lines));
  }

  synchronized Set<String> known() {
    return state.known();
  }

  @Override
  public synchronized Position open(Path directory, @Nullable Path checkpoint) throws IOException {
    return checkpoint == null ? applied : install(checkpoint);
  }

  @Override
  public byte[] apply(Position at, byte[] entry) {
    Command command = LedgerWire.decodeCommand(entry);
    LedgerState.Result result;
    Placement view;
    synchronized (this) {
      result = state.apply(at.index(), command);
      applied = at;
      view = state.placement();
      long now = System.nanoTime();
      if (!result.decisions().isEmpty()) {
        grantor.membersAre(state.placement(), now);
      }
      if (command instanceof Command.Renew renew) {
        grantor.applied(renew, now);
      }
    }
    listeners.forEach(l -> l.applied(at.index(), view, result.decisions()));
    return LedgerWire.encode(result.outcome());
  }

  @Override
  public synchronized void checkpoint(Path empty) throws IOException {
    byte[] image = LedgerWire.encode(state.image());
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + image.length).putLong(applied.term()).put(image).flip();
    try (FileChannel out =
        FileChannel.open(
            empty.resolve(FILE), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
  }

  @Override
  public Position install(Path checkpoint) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(checkpoint.resolve(FILE)));
    long term = bytes.getLong();
    byte[] image = new byte[bytes.remaining()];
    bytes.get(image);
    Placement view;
    Position at;
    synchronized (this) {
      state = LedgerState.of(LedgerWire.decodeImage(image));
      applied = new Position(term, state.index());
      grantor.membersAre(state.placement(), System.nanoTime());
      view = state.placement();
      at = applied;
    }
    listeners.forEach(l -> l.applied(at.index(), view, List.of()));
    return at;
  }

  @Override
  public void leadershipChanged(Leadership now) {
    synchronized (this) {
      if (now.self() && !leadership.self()) {
        grantor.leads(System.nanoTime());
      } else if (!now.self() && leadership.self()) {
        grantor.follows();
      }
      leadership = now;
    }
    listeners.forEach(l -> l.leads(now));
  }

  @Override
  public void close() {}
}
