package dev.limpet.node;

import dev.limpet.Hosting;
import dev.limpet.Limpet;
import dev.limpet.ProcessId;
import dev.limpet.Ref;
import dev.limpet.VirtualClock;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Command.Released;
import dev.limpet.core.ledger.KeyHash;
import dev.limpet.core.ledger.LedgerImage;
import dev.limpet.core.ledger.LedgerState;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Pin;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.engine.memory.MemoryStore;
import dev.limpet.node.call.CallServer;
import dev.limpet.node.call.Calls;
import dev.limpet.node.call.Cluster;
import dev.limpet.node.call.Frames;
import dev.limpet.node.home.Call;
import dev.limpet.node.home.Gate;
import dev.limpet.node.home.HostedType;
import dev.limpet.node.home.LiveReport;
import dev.limpet.node.home.LocalShards;
import dev.limpet.node.home.MemoryArrivals;
import dev.limpet.node.home.MoveWatch;
import dev.limpet.node.home.Services;
import dev.limpet.node.home.Signal;
import dev.limpet.spi.Hosted;
import dev.limpet.spi.Roles;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.StickyType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A node without a cluster: the real shards, turns, commits and routing, over a store, a lease and placements that the
 * test holds in its hands. One shard, at home here at epoch 1.
 */
final class Shore implements Cluster, Limpet {
  static final long SELF = 11;
  static final long OTHER = 12;

  /** Views are of entries after this one; moves that a test names are before it. */
  private static final long INDEX = 1_000;

  final Acts acts = new Acts();
  final StoreScript script = new StoreScript();
  final MemoryStore store = new MemoryStore(script);
  final VirtualClock clock = new VirtualClock();
  final List<Released> releases = new CopyOnWriteArrayList<>();
  final List<MemoryArrivals.Piece> carried = new CopyOnWriteArrayList<>();
  final List<Command.TakeIn> takeIns = new CopyOnWriteArrayList<>();
  volatile boolean carries = true;
  final LocalShards shards;

  private final Signal changes = new Signal();
  private final Types types;
  private final Calls calls;
  private final Lease lease = new Lease();
  private volatile Placement view;

  private static final class Lease implements Gate {
    volatile boolean open = true;
    volatile boolean opensSoon;

    @Override
    public boolean open(long nowNanos) {
      return open;
    }

    @Override
    public boolean opensSoon(long nowNanos) {
      return opensSoon;
    }

    @Override
    public String whyShut() {
      return "the test shut the gate";
    }
  }

  Shore() {
    this(Hosting.Options.DEFAULT);
  }

  Shore(Hosting.Options options) {
    types =
        new Types(
            List.of(new Hosted<>(Probe.class, self -> new ProbeProcess(self, acts), options)),
            Roles.NONE);
    Services services = new Services("shore", this, store, clock, lease);
    shards =
        new LocalShards(
            services, changes, releases::addAll, takeIns::add, this::carry, MoveWatch.NONE);
    calls = new Calls(this, shards, null);
    clock.onAdvance(shards::passivate);
    view = view(SELF, 1, null);
    shards.placed(view, SELF);
  }

  private boolean carry(
      int shard, ShardHome.Move move, long image, byte[] memories, long untilNanos) {
    carried.add(new MemoryArrivals.Piece(shard, move.id(), image, 0, true, memories));
    return carries;
  }

  // The world around it.

  private static Placement view(long home, long epoch, ShardHome.@Nullable Move move) {
    return view(epoch, new ShardHome(home, epoch, "shore", 0, move));
  }

  private static Placement view(long index, ShardHome shard) {
    return new Placement(
        INDEX + index,
        "shore",
        new byte[KeyHash.KEY_BYTES],
        "probe",
        Map.of(SELF, member(SELF), OTHER, member(OTHER)),
        List.of(shard),
        Set.of());
  }

  private static Member member(long registration) {
    return new Member("n" + registration, registration, "boot", "storage", "127.0.0.1:1", "", 1);
  }

  /** The shard's home from here on; 0 for none. */
  void place(long home, long epoch) {
    place(view(home, epoch, null));
  }

  /** The shard is to move to the other node. */
  void move(long id) {
    place(view(SELF, view.shards().getFirst().epoch(), new ShardHome.Move(id, OTHER, 99)));
  }

  /** The shard moves here from the other node, which is at home at that epoch. */
  void comes(long id, long epoch) {
    place(view(OTHER, epoch, new ShardHome.Move(id, SELF, epoch + 1)));
  }

  /** The shard is at home here, released with that image of its memory. */
  void arrived(long epoch, long image) {
    place(view(epoch, new ShardHome(SELF, epoch, "shore", 0, null, image)));
  }

  /** The process of this key has a home of its own. */
  void pin(int number, String key, long home, long epoch, boolean ending) {
    ShardHome at = new ShardHome(home, epoch, "shore", 0, null);
    place(pinned(new Pin(number, new ProcessId("probe", key), 0, ending, at)));
  }

  /** In one view: the shard comes here, and one of its processes has a home of its own, here too. */
  void arrivedWithPin(long epoch, long image, int number, String key, long pinEpoch) {
    view = view(epoch, new ShardHome(SELF, epoch, "shore", 0, null, image));
    pin(number, key, SELF, pinEpoch, false);
  }

  /** Nobody is pinned. */
  void unpinned() {
    place(pinned());
  }

  private Placement pinned(Pin... pins) {
    LedgerImage image =
        new LedgerImage(
            view.index() + 1,
            view.clusterId(),
            view.hashKey(),
            "probe",
            100,
            List.copyOf(view.members().values()),
            List.of(),
            List.of(),
            view.shards(),
            100,
            List.of(pins));
    return LedgerState.of(image).placement();
  }

  private void place(Placement next) {
    view = next;
    shards.placed(next, SELF);
    changes.raise();
  }

  void tick() {
    shards.tick(view);
  }

  void lease(boolean holds) {
    lease.open = holds;
    lease.opensSoon = false;
    changes.raise();
  }

  /** The lease does not hold, since this node was paused; it is being renewed. */
  void pause() {
    lease.open = false;
    lease.opensSoon = true;
    changes.raise();
  }

  Tenure tenure() {
    return shards.tenure(0);
  }

  /** How many calls wait for their turn at a process. */
  int waiting(String key) {
    return shards.live(null, 1_000).stream()
        .filter(r -> r.id().key().equals(key))
        .mapToInt(LiveReport::waiting)
        .sum();
  }

  // Calls.

  Probe probe(String key) {
    return get(Probe.class, key);
  }

  Probe probe(String key, Duration deadline) {
    return ref(Probe.class, key).withDeadline(deadline).get();
  }

  Probe keyed(String key, String idempotencyKey) {
    return ref(Probe.class, key).withIdempotencyKey(idempotencyKey).get();
  }

  /** A call to {@link Probe#act} that is not routed: it runs here and now or is bounced. */
  Call direct(String key, String act) {
    HostedType type = types.of(Probe.class);
    return new Call(
        type,
        new ProcessId("probe", key),
        0,
        0,
        act().index(),
        new Object[] {act},
        System.nanoTime() + TimeUnit.SECONDS.toNanos(20),
        null,
        null);
  }

  /** Such calls as another node sends them. */
  Frames frames(String key, String act) {
    return new Frames(
        new CallServer(this, shards, types.byName()), new ProcessId("probe", key), act(), act);
  }

  private StickyMethod act() {
    return types.of(Probe.class).sticky().methods().stream()
        .filter(m -> m.name().equals("act"))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public <P> Ref<P> ref(Class<P> type, String key) {
    HostedType hosted = types.of(type);
    return new NodeRef<>(
        calls,
        hosted,
        StickyType.of(type),
        new ProcessId(hosted.name(), key),
        TimeUnit.SECONDS.toNanos(20),
        null);
  }

  @Override
  public String nodeId() {
    return "shore";
  }

  @Override
  public void close() {
    calls.close();
    shards.close();
    store.close();
  }

  // What routing asks.

  @Override
  public Placement view() {
    return view;
  }

  @Override
  public long viewIndex() {
    return view.index();
  }

  @Override
  public long registration() {
    return SELF;
  }

  @Override
  public Gate gate() {
    return lease;
  }

  @Override
  public boolean isVacant(String role) {
    return false;
  }

  @Override
  public Signal changes() {
    return changes;
  }
}
