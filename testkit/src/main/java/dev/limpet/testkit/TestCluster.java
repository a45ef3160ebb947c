package dev.limpet.testkit;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.ProcessId;
import dev.limpet.Ref;
import dev.limpet.StartFailed;
import dev.limpet.Unavailable;
import dev.limpet.VirtualClock;
import dev.limpet.engine.memory.MemoryGroup;
import dev.limpet.engine.memory.MemoryStore;
import dev.limpet.node.LimpetNode;
import dev.limpet.node.MemoryNode;
import dev.limpet.node.door.Door;
import dev.limpet.testkit.Conditions.Life;
import dev.limpet.values.StickyType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of one to seven nodes, {@code n1} to {@code n7}, in the JVM of a test, that hosts the test's own processes and
 * breaks when it is told to.
 *
 * <pre>{@code
 * try (var cluster = TestCluster.of(3).host(Wallet.class, WalletProcess::new).start()) {
 *   cluster.get(Wallet.class, "alice").deposit(500);
 *   cluster.kill(cluster.home(Wallet.class, "alice"));
 *   assertEquals(500, cluster.get(Wallet.class, "alice").balance());
 * }
 * }</pre>
 *
 * <p>The nodes are real: membership and leases, routing by frames over loopback, turns, commits, fences, moves. Only the
 * disks are not: the ledger's log and the store are in memory, apart from the nodes, so that they outlive any node as what
 * is on a majority of disks does. All nodes vote: the cluster goes on while more than half of them are up and reach each
 * other.
 *
 * <p>Faults happen when they are called for, and each method returns when its fault is there; what the cluster makes of
 * it takes its time, up to some {@linkplain TestClusterBuilder#lease leases}. Time is real, but for {@linkplain
 * TestClusterBuilder#clock what processes see}. Thread-safe, except that one thread at a time breaks things.
 */
public final class TestCluster implements AutoCloseable {
  private static final int SHARDS = 24;
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(30);
  private static final Duration SETTLES_WITHIN = Duration.ofSeconds(30);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final TestClusterBuilder settings;
  private final List<String> names;
  private final Conditions conditions = new Conditions();
  private final MemoryStore store = new MemoryStore();
  private final MemoryGroup ledger;
  private final Map<String, Running> running = new TreeMap<>(); // guarded by itself
  private long starts; // guarded by running

  private record Running(MemoryNode node, Life life) {}

  private TestCluster(TestClusterBuilder settings) {
    this.settings = settings;
    this.names = IntStream.rangeClosed(1, settings.nodes).mapToObj(n -> "n" + n).toList();
    this.ledger = new MemoryGroup(names, conditions::reaches);
    if (settings.clock instanceof VirtualClock virtual) {
      virtual.onAdvance(() -> running().values().forEach(r -> r.node.passivate()));
    }
  }

  /** A cluster of that many nodes, 1 to 7; three are the least of which one can be missed. */
  public static TestClusterBuilder of(int nodes) {
    return new TestClusterBuilder(nodes);
  }

  static TestCluster start(TestClusterBuilder settings) {
    TestCluster cluster = new TestCluster(settings);
    try {
      cluster.begin(cluster.names);
      cluster.awaitSettled();
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  // Calls.

  /** The names of all nodes, whether they run or not. */
  public List<String> nodes() {
    return names;
  }

  /** The names of the nodes that run, frozen and cut off ones included. */
  public List<String> runningNodes() {
    return List.copyOf(running().keySet());
  }

  /**
   * A node as its own application sees it, before and after a restart. While the node does not run, calls through it are
   * refused, and while it is frozen they stand still. Not to be closed: {@link #stop} the node instead.
   */
  public Limpet node(String name) {
    requireName(name);
    return new Limpet() {
      @Override
      public <P> Ref<P> ref(Class<P> type, String key) {
        Running now = running().get(name);
        if (now == null) {
          throw new Unavailable(ErrorCode.CLOSED, Executed.NO, "node " + name + " does not run");
        }
        return now.node.limpet().ref(type, key);
      }

      @Override
      public String nodeId() {
        return name;
      }

      @Override
      public void close() {
        throw new UnsupportedOperationException("use TestCluster.stop(\"" + name + "\")");
      }
    };
  }

  /** The process behind a key, through the first node that runs and is in touch with a majority. */
  public <P> P get(Class<P> type, String key) {
    return ref(type, key).get();
  }

  /** The same, with options for the calls. */
  public <P> Ref<P> ref(Class<P> type, String key) {
    return observer().ref(type, key);
  }

  /**
   * The node that is home of a process, as the majority sees it.
   *
   * @throws Unavailable while there is none
   */
  public String home(Class<?> type, String key) {
    String home = where(type, key).home();
    if (home == null) {
      throw new Unavailable(ErrorCode.NO_HOME, Executed.NO, key + " has no home now");
    }
    return home;
  }

  /** A running node that is in touch with a majority and is not home of the process: a place to call it from afar. */
  public String farFrom(Class<?> type, String key) {
    String home = home(type, key);
    return running().keySet().stream()
        .filter(name -> !name.equals(home) && reachesMajority(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("there is no other node up; " + this));
  }

  // Faults of nodes.

  /**
   * Ends a node at once and without a word, as {@code kill -9} does. Turns that run there cannot be stopped, but nothing
   * that they do counts any more; threads and clients that processes made for themselves go on, for they share this JVM.
   */
  public void kill(String name) {
    Running gone = take(name);
    conditions.end(gone.life);
    ledger.changed();
    gone.node.close();
  }

  /** Ends a node in good order: its processes move to the others with their memory, then it leaves. */
  public void stop(String name) {
    Running leaving = require(name);
    if (leaving.life.isFrozen()) {
      throw new IllegalStateException("node " + name + " is frozen: thaw or kill it");
    }
    leaving.node.leave();
    kill(name);
  }

  /** Starts a node that does not run, and returns when it serves; what it is home of comes to it a little later. */
  public void start(String name) {
    requireName(name);
    if (running().containsKey(name)) {
      throw new IllegalStateException("node " + name + " runs already");
    }
    begin(List.of(name));
  }

  /**
   * Stops a node in its tracks, as a long pause of its machine does: it begins nothing, hears nothing, and nothing leaves
   * it. What was under way goes on when it {@linkplain #thaw thaws}, late. Java code that runs in a turn just now runs to
   * the end of that turn.
   */
  public void freeze(String name) {
    conditions.freeze(require(name).life, true);
    ledger.changed();
  }

  /** Lets a frozen node go on. */
  public void thaw(String name) {
    conditions.freeze(require(name).life, false);
    ledger.changed();
  }

  // Faults of the network.

  /** Cuts a node off from all others, and so from the store if it alone is no majority, both ways. */
  public void cut(String name) {
    names.stream().filter(other -> !other.equals(name)).forEach(other -> cut(name, other));
  }

  /** Cuts the way between two nodes, both ways. What is sent arrives when it is {@linkplain #heal healed}. */
  public void cut(String one, String other) {
    requireName(one);
    requireName(other);
    conditions.cut(one, other);
    conditions.cut(other, one);
    ledger.changed();
  }

  /** Lets nobody hear a node any more, while it hears them all: it runs the calls that come, and no answer arrives. */
  public void mute(String name) {
    requireName(name);
    names.stream()
        .filter(other -> !other.equals(name))
        .forEach(other -> conditions.cut(name, other));
    ledger.changed();
  }

  /** Mends the network: everyone reaches everyone, and what was held up arrives. */
  public void heal() {
    conditions.heal();
    ledger.changed();
  }

  // Faults of the store.

  /** The store saves and loads nothing from now on. */
  public void breakStore() {
    conditions.store(Conditions.Store.REFUSES);
  }

  /** The store does what it is asked from now on, and no answer arrives. */
  public void loseStoreAnswers() {
    conditions.store(Conditions.Store.LOSES_ANSWERS);
  }

  /** The store works again. */
  public void mendStore() {
    conditions.store(Conditions.Store.WORKS);
  }

  // Orders.

  /** Moves a process to a node, where it stays until it is {@linkplain #unpin unpinned}; returns when it lives there. */
  public void move(Class<?> type, String key, String name) {
    requireName(name);
    Door.Moved unused = observer().move(id(type, key), name);
    await(() -> isAt(type, key, name), () -> key + " is at home at " + name);
  }

  /** Lets a process that was {@linkplain #move moved} live where its key belongs. */
  public void unpin(Class<?> type, String key) {
    Door.Moved unused = observer().unpin(id(type, key));
    await(() -> !where(type, key).pinned(), () -> key + " is unpinned");
  }

  /** Moves everything away from a node, which goes on as a member; returns when it is home of nothing. */
  public void drain(String name) {
    require(name);
    observer().drain(name);
    awaitEmpty(name);
  }

  /** Lets a drained node be home again. */
  public void undrain(String name) {
    require(name);
    observer().undrain(name);
    await(
        () -> observer().nodes().stream().anyMatch(n -> isMember(n) && n.node().equals(name)),
        () -> name + " is drained no more");
  }

  // Waiting.

  /**
   * Waits until every running node is a member and home of what belongs there, so that nothing moves by itself any more.
   * Not to be called while a node is frozen or cut off.
   *
   * @throws AssertionError if that does not come about within 30 seconds
   */
  public void awaitSettled() {
    await(this::isSettled, () -> "every node serves what belongs there");
  }

  /**
   * Waits until a node is home of nothing, as the majority sees it: others have taken over.
   *
   * @throws AssertionError if that does not come about within 30 seconds
   */
  public void awaitEmpty(String name) {
    requireName(name);
    await(
        () -> {
          List<Door.NodeReport> nodes = observer().nodes();
          return observer().cluster().shardsOrphaned() == 0
              && nodes.stream().allMatch(n -> !n.node().equals(name) || n.shards() == 0);
        },
        () -> name + " is home of nothing");
  }

  /**
   * Undoes every fault: what is frozen thaws, the network and the store work, and nodes that do not run are started.
   * Returns when all serve.
   */
  public void mend() {
    mendStore();
    running().keySet().forEach(this::thaw);
    heal();
    List<String> missing = names.stream().filter(n -> !running().containsKey(n)).toList();
    if (!missing.isEmpty()) {
      begin(missing);
    }
    observer().nodes().stream()
        .filter(n -> n.state().equals("draining"))
        .forEach(n -> undrain(n.node()));
    awaitMembers();
  }

  /** Waits until every running node is a member, and holds its lease. */
  void awaitMembers() {
    await(
        () -> {
          List<Door.NodeReport> nodes = observer().nodes();
          return running().entrySet().stream()
              .allMatch(r ->
                  r.getValue().node.limpet().readiness().ready()
                      && nodes.stream().anyMatch(n -> n.node().equals(r.getKey()) && isMember(n)));
        },
        () -> "every running node is a member");
  }

  Duration lease() {
    return settings.lease;
  }

  /** The processes in a node's memory, in an order that depends on nothing but which they are. */
  List<ProcessId> processesAt(String name) {
    Running at = running().get(name);
    return at == null
        ? List.of()
        : at.node.limpet().processes(null, null, 1_000).stream()
            .map(p -> new ProcessId(p.type(), p.key()))
            .sorted((a, b) -> a.toString().compareTo(b.toString()))
            .toList();
  }

  void move(ProcessId process, String name) {
    Door.Moved unused = observer().move(process, name);
  }

  void unpin(ProcessId process) {
    Door.Moved unused = observer().unpin(process);
  }

  /** Ends all nodes. Bounded by some seconds. */
  @Override
  public void close() {
    running().keySet().forEach(this::kill);
    store.close();
  }

  /** One line for people. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    running()
        .forEach((name, r) ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(
                    r.life.isFrozen() ? " frozen" : reachesMajority(name) ? " up" : " cut off"));
    return "nodes: " + (text.isEmpty() ? "none" : text);
  }

  // Inside.

  private void begin(List<String> which) {
    synchronized (running) {
      for (String name : which) {
        Life life = conditions.begin(name);
        StoreWay way =
            new StoreWay(
                store,
                conditions,
                life,
                () -> reachesMajority(name),
                settings.storeTime.toNanos() / 2);
        try {
          running.put(
              name, new Running(new MemoryNode(plan(name, way, life), ledger, names), life));
        } catch (RuntimeException e) {
          conditions.end(life);
          throw e;
        }
      }
      Map<String, String> addresses = new TreeMap<>();
      names.forEach(name -> addresses.put(name, address(name)));
      starts++;
      running.values().forEach(r -> r.node.know(addresses, starts));
      which.forEach(name -> require(name).node.start());
    }
    ledger.changed();
    for (String name : which) {
      awaitServing(name);
    }
  }

  private String address(String name) {
    Running at = running.get(name);
    return at == null ? "127.0.0.1:0" : at.node.address();
  }

  private MemoryNode.Plan plan(String name, StoreWay way, Life life) {
    return new MemoryNode.Plan(
        "test",
        name,
        settings.lease.dividedBy(10),
        settings.lease,
        SHARDS,
        settings.deadline,
        settings.hosted,
        settings.clock,
        way,
        life);
  }

  private void awaitServing(String name) {
    Running starting = require(name);
    if (2 * running().keySet().stream().filter(this::reachesMajority).count() <= names.size()) {
      return; // Nobody can serve; it will when enough others run.
    }
    try {
      if (starting.node.awaitServing(System.nanoTime() + STARTS_WITHIN.toNanos())) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new StartFailed(
        ErrorCode.NODE_HALTED,
        "node " + name + " did not come to serve: " + starting.node.standing() + "; " + this);
  }

  private boolean reachesMajority(String name) {
    long reached =
        names.stream()
            .filter(other ->
                other.equals(name)
                    ? conditions.reaches(name, name)
                    : conditions.reaches(name, other) && conditions.reaches(other, name))
            .count();
    return 2 * reached > names.size();
  }

  /** A node that sees the cluster as it is: in touch with a majority, and if possible one that serves. */
  private LimpetNode observer() {
    List<LimpetNode> inTouch =
        running().entrySet().stream()
            .filter(e -> reachesMajority(e.getKey()))
            .map(e -> e.getValue().node.limpet())
            .toList();
    if (inTouch.isEmpty()) {
      throw new Unavailable(
          ErrorCode.NO_QUORUM, Executed.NO, "no node is in touch with a majority; " + this);
    }
    return inTouch.stream()
        .filter(node -> node.readiness().ready())
        .findFirst()
        .orElseGet(inTouch::getFirst);
  }

  private static boolean isMember(Door.NodeReport node) {
    return node.state().equals("member");
  }

  private boolean isSettled() {
    LimpetNode one = observer();
    List<Door.NodeReport> members =
        one.nodes().stream().filter(n -> n.registration() != 0).toList();
    return one.cluster().movesUnderWay() == 0
        && one.cluster().shardsOrphaned() == 0
        && members.stream().map(Door.NodeReport::node).toList().equals(runningNodes())
        && members.stream()
            .allMatch(n -> isMember(n) ? n.shards() >= n.shardsPreferred() : n.shards() == 0);
  }

  private boolean isAt(Class<?> type, String key, String name) {
    Door.Where where = where(type, key);
    return name.equals(where.home()) && where.state().equals("home");
  }

  private Door.Where where(Class<?> type, String key) {
    return observer().where(id(type, key));
  }

  private static ProcessId id(Class<?> type, String key) {
    return new ProcessId(StickyType.of(type).name(), key);
  }

  private void await(BooleanSupplier what, Supplier<String> words) {
    long until = System.nanoTime() + SETTLES_WITHIN.toNanos();
    @Nullable RuntimeException last = null;
    while (System.nanoTime() - until < 0) {
      try {
        if (what.getAsBoolean()) {
          return;
        }
        last = null;
      } catch (Unavailable e) {
        last = e;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    throw new AssertionError(
        "not within " + SETTLES_WITHIN.toSeconds() + " s: " + words.get() + "; " + this, last);
  }

  private Map<String, Running> running() {
    synchronized (running) {
      return new TreeMap<>(running);
    }
  }

  private Running take(String name) {
    synchronized (running) {
      Running gone = require(name);
      running.remove(name);
      return gone;
    }
  }

  private Running require(String name) {
    requireName(name);
    Running at = running().get(name);
    if (at == null) {
      throw new IllegalStateException("node " + name + " does not run; " + this);
    }
    return at;
  }

  private void requireName(String name) {
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "no node of that name; there are " + names + ", got " + name);
    }
  }
}
