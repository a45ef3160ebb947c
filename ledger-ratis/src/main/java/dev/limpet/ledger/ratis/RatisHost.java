package dev.limpet.ledger.ratis;

import dev.limpet.engine.ReplicatedLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.storage.RaftStorage;
import org.jspecify.annotations.Nullable;

/**
 * The replicated logs of one node: a Ratis server with one replica of each named group.
 *
 * <p>One host at a time owns a data directory. {@link #log} is safe for use by many threads. When a replica cannot go on
 * (its disk failed, its machine threw, Ratis gave up) {@link RatisConfig#onFatal} is called and the node is expected to
 * halt: Ratis cannot be repaired. A replica that was ended in good order ({@link RatisConfig#onEnded}) cannot go on
 * either, but another host can be started on its directory once this one is closed.
 */
public final class RatisHost implements AutoCloseable {
  /*
   * How a start goes. Ratis would start every group directory that it finds, without the voters we agreed on, before
   * anything can be checked; a crash before the first election then leaves a group that knows no members. So the server
   * is built over a directory that holds nothing, gRPC listens, the real directory is set, and each group is checked
   * (GroupMarker) and added by hand with its agreed voters, which count until the log knows better.
   */
  private static final System.Logger LOG = System.getLogger(RatisHost.class.getName());
  private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);
  private static final long TICK_MILLIS = 50;

  private final RatisConfig config;
  private final RaftServer server;
  private final Appenders appenders = new Appenders();
  private final Map<String, RatisLog> logs = new LinkedHashMap<>();
  private final List<GroupCare> care = new ArrayList<>();
  private final ScheduledExecutorService ticker;
  private final ExecutorService notices;
  private final ExecutorService waiting = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicBoolean fatal = new AtomicBoolean();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile int port;

  private RatisHost(RatisConfig config) throws IOException {
    this.config = config;
    var node = config.self().node();
    ticker = Executors.newSingleThreadScheduledExecutor(daemon("limpet-ratis-care-" + node));
    notices = Executors.newSingleThreadExecutor(daemon("limpet-ratis-notices-" + node));
    Files.createDirectories(raftDirectory());
    for (var group : config.groups().entrySet()) {
      var name = group.getKey();
      logs.put(
          name,
          new RatisLog(
              name,
              groupId(config.clusterId(), name),
              config,
              config.directory().resolve("machine").resolve(name),
              group.getValue(),
              onApplied(name),
              notices,
              waiting,
              this::ended,
              this::fatal));
    }
    server = build();
  }

  /**
   * Starts the replicas and returns when all groups take part; a leader may not be known yet.
   *
   * <p>The JVM needs {@code --sun-misc-unsafe-memory-access=allow} and {@code --enable-native-access=ALL-UNNAMED}.
   *
   * @throws IOException when the port cannot be bound, or the data directory cannot be started from; the message says
   *     what to do
   */
  public static RatisHost start(RatisConfig config) throws IOException {
    JvmGuards.apply();
    JvmGuards.requireUnsafe();
    var host = new RatisHost(config);
    try {
      host.begin();
      return host;
    } catch (IOException | RuntimeException e) {
      host.close();
      throw e;
    }
  }

  /** What follows an entry of a group that was applied here. */
  private Runnable onApplied(String group) {
    if (!config.prompt().contains(group)) {
      return () -> {};
    }
    var id = groupId(config.clusterId(), group);
    return () -> appenders.tellCommitted(id);
  }

  private RaftServer build() throws IOException {
    var parameters = new Parameters();
    PeerRpc.put(parameters, appenders);
    GrpcConfigKeys.Server.setServicesCustomizer(parameters, new PeersOnly(config.admits()));
    var tls = config.tls();
    if (tls != null) {
      GrpcConfigKeys.Server.setTlsConf(parameters, RatisKeys.of(tls));
    }
    var byId = logs.values().stream().collect(Collectors.toMap(RatisLog::groupId, log -> log));
    return RaftServer.newBuilder()
        .setServerId(config.self().peerId())
        .setOption(RaftStorage.StartupOption.RECOVER)
        .setStateMachineRegistry(id -> {
          var log = byId.get(id);
          if (log == null) {
            throw new IllegalArgumentException("no group " + id + " is hosted here");
          }
          return log.adapter();
        })
        .setProperties(
            RatisKeys.of(
                config.tuning(),
                config.bind(),
                config.directory().resolve("no-groups").toFile(),
                config.voters().size() == 1))
        .setParameters(parameters)
        .setThreadGroup(new Threads("limpet-ratis-" + config.self().node()))
        .build();
  }

  private void begin() throws IOException {
    try {
      server.start();
    } catch (RuntimeException e) {
      JvmGuards.forgetExit();
      throw new IOException("gRPC cannot listen on " + config.bind() + ": is the port taken?", e);
    }
    port = server.getServerRpc().getInetSocketAddress().getPort();
    config.onBound().accept(boundAddress());
    RaftServerConfigKeys.setStorageDir(server.getProperties(), List.of(raftDirectory().toFile()));
    long call = 0;
    for (var log : logs.values()) {
      var marker =
          new GroupMarker(config.directory(), raftDirectory(), log.name(), log.groupId(), config);
      var voters = marker.prepare().stream().map(Voter::peer).toList();
      var group = RaftGroup.valueOf(log.groupId(), voters);
      var request =
          GroupManagementRequest.newAdd(
              ClientId.randomId(), config.self().peerId(), --call, group, false);
      try {
        var reply = server.groupManagementAsync(request).join();
        if (!reply.isSuccess()) {
          throw new IOException(
              "the group " + log.name() + " cannot be started", reply.getException());
        }
      } catch (CompletionException e) {
        throw new IOException("the group " + log.name() + " cannot be started: " + e.getCause(), e);
      }
      var division = server.getDivision(log.groupId());
      requireUnbroken(log, division);
      log.started(division);
    }
    for (var log : logs.values()) {
      var followed = config.follows().get(log.name());
      var followers =
          logs.values().stream()
              .filter(other -> log.name().equals(config.follows().get(other.name())))
              .toList();
      care.add(
          new GroupCare(
              log,
              followed == null ? null : logs.get(followed),
              followers,
              config.tuning(),
              waiting));
    }
    var ticks =
        ticker.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    LOG.log(System.Logger.Level.DEBUG, "ticking: {0}", ticks);
  }

  /** Ratis waits for ever for entries that are neither in the log nor in the state. */
  private static void requireUnbroken(RatisLog log, RaftServer.Division division)
      throws IOException {
    long first = division.getRaftLog().getStartIndex();
    long applied = log.adapter().getLastAppliedTermIndex().getIndex();
    if (first > applied + 1 && division.getRaftLog().getLastEntryTermIndex() != null) {
      throw new IOException(
          "the log of "
              + log.name()
              + " begins at entry "
              + first
              + " but its state ends at "
              + applied
              + ": empty the data directory and let the node join as a new member");
    }
  }

  private void tick() {
    try {
      var exit = JvmGuards.wantedExit();
      if (exit != null) {
        fatal(exit);
      }
      long now = System.nanoTime();
      for (var one : care) {
        one.tick(now);
      }
    } catch (RuntimeException e) {
      // The next tick is 50 ms away; a replica that is really broken shows itself in checkHealth.
      LOG.log(System.Logger.Level.WARNING, "looking after the logs failed", e);
    }
  }

  /** The replica of a group; throws when the group is not hosted here. */
  public ReplicatedLog log(String group) {
    return hosted(group);
  }

  /** Who votes in a group, as its log says; null while that is unknown or is being changed. */
  public @Nullable List<Voter> voters(String group) {
    var division = hosted(group).division();
    if (division == null || !division.getInfo().isAlive()) {
      return null;
    }
    var members = division.getRaftConf();
    if (!members.getPreviousPeers().isEmpty() || members.getCurrentPeers().isEmpty()) {
      return null;
    }
    return members.getCurrentPeers().stream()
        .map(Voter::of)
        .sorted(Comparator.comparing(Voter::node))
        .toList();
  }

  /** The log index since which a group's voters are as they are, as this replica knows; 0 if it knows nothing. */
  public long votersSince(String group) {
    var division = hosted(group).division();
    return division == null ? 0 : Math.max(0, division.getRaftConf().getLogEntryIndex());
  }

  /**
   * Whether this replica takes part in a group: it runs, it votes, it knows a leader, and it has applied what led to its
   * voting. One that is being added, was removed, or is cut off does not.
   */
  public boolean takesPart(String group) {
    var log = hosted(group);
    return log.votes() && log.level() && log.leadership().leader() != null;
  }

  /**
   * Changes who votes in a group that is led here. A voter that is added must run already, and counts only once it has
   * caught up.
   *
   * @return whether it was done; false or a failure may also mean that it will be
   */
  public CompletableFuture<Boolean> change(String group, List<Voter> from, List<Voter> to) {
    return Membership.change(hosted(group), from, to);
  }

  /** Told that this node votes no more: that its replicas end is no failure then. */
  public void retire() {
    logs.values().forEach(RatisLog::retire);
  }

  RatisLog hosted(String group) {
    var log = logs.get(group);
    if (log == null) {
      throw new IllegalArgumentException(
          "no group " + group + " is hosted here, only " + logs.keySet());
    }
    return log;
  }

  /** Where gRPC listens. */
  public InetSocketAddress boundAddress() {
    var bind = config.bind();
    InetAddress address = bind.getAddress();
    return address == null
        ? InetSocketAddress.createUnresolved(bind.getHostString(), port)
        : new InetSocketAddress(address, port);
  }

  static RaftGroupId groupId(String clusterId, String group) {
    return RaftGroupId.valueOf(
        UUID.nameUUIDFromBytes(
            ("limpet/" + clusterId + "/" + group).getBytes(StandardCharsets.UTF_8)));
  }

  private Path raftDirectory() {
    return config.directory().resolve("ratis").toAbsolutePath();
  }

  private void fatal(Throwable cause) {
    if (!closed.get() && fatal.compareAndSet(false, true)) {
      LOG.log(System.Logger.Level.ERROR, "the logs of this node cannot go on", cause);
      tell("limpet-ratis-fatal", config.onFatal(), cause);
    }
  }

  private void ended(Throwable cause) {
    if (!closed.get() && ended.compareAndSet(false, true)) {
      LOG.log(System.Logger.Level.WARNING, "a log of this node was ended: {0}", cause.getMessage());
      tell("limpet-ratis-ended", config.onEnded(), cause);
    }
  }

  private static void tell(String thread, Consumer<Throwable> whom, Throwable cause) {
    Thread.ofPlatform().daemon().name(thread).start(() -> whom.accept(cause));
  }

  @Override
  public void close() {
    if (!close(CLOSE_BOUND)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Ratis did not close in {0}; its threads die with the JVM",
          CLOSE_BOUND);
    }
  }

  /**
   * Stops the replicas, after handing what they lead to others: afterwards the logs and machines are closed and the directory is free. Ratis' own close has no
   * bound and can lock itself up, so it runs on a daemon thread.
   *
   * @return whether all was closed within the bound
   */
  public boolean close(Duration bound) {
    if (!closed.compareAndSet(false, true)) {
      return true;
    }
    ticker.shutdownNow();
    handOver(bound.dividedBy(4));
    logs.values().forEach(RatisLog::closing);
    var logsClosed = new CountDownLatch(1);
    Thread.ofPlatform().daemon().name("limpet-ratis-close").start(() -> closeRatis(logsClosed));
    boolean done = false;
    try {
      done = logsClosed.await(bound.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    logs.values().forEach(RatisLog::closed);
    notices.shutdown();
    waiting.shutdown();
    return done;
  }

  /** Hands over what this node leads. Returns whether all went to others in time. */
  boolean handOver(Duration bound) {
    long millis =
        Math.max(1, Math.min(bound.toMillis(), config.tuning().electionTimeoutMax().toMillis()));
    var done = new ArrayList<Future<Boolean>>();
    for (var one : care) {
      done.add(waiting.submit(() -> one.handOver(millis)));
    }
    boolean all = true;
    for (var one : done) {
      try {
        all &= one.get(2 * millis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        all = false;
      } catch (ExecutionException | TimeoutException e) {
        all = false;
      }
    }
    return all;
  }

  private void closeRatis(CountDownLatch logsClosed) {
    try (var all = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var log : logs.values()) {
        var division = log.division();
        if (division != null) {
          all.execute(division::close);
        }
      }
    }
    // What is left, gRPC's event loops, takes two seconds to end and holds nothing that anyone
    // waits for.
    logsClosed.countDown();
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "closing Ratis failed", e);
    }
  }

  private static ThreadFactory daemon(String name) {
    return Thread.ofPlatform().daemon().name(name).factory();
  }

  /** Ratis' own threads: one that dies of an exception takes the replica with it. */
  private final class Threads extends ThreadGroup {
    Threads(String name) {
      super(name);
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
      fatal(new IllegalStateException("Ratis' thread " + thread.getName() + " died", failure));
    }
  }
}
