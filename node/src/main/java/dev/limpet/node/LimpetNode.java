package dev.limpet.node;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.ProcessId;
import dev.limpet.Ref;
import dev.limpet.Unavailable;
import dev.limpet.core.lease.ChildReport;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.core.ledger.ShardRange;
import dev.limpet.node.call.Calls;
import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.door.Door;
import dev.limpet.node.home.HostedType;
import dev.limpet.node.home.LocalShards;
import dev.limpet.values.StickyType;
import dev.limpet.values.Thrown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A running node: the door for the application in the same JVM, and for the HTTP edge. Thread-safe. */
public final class LimpetNode implements Limpet, Door {
  private static final long DEADLINE_NANOS_MAX = TimeUnit.HOURS.toNanos(1);

  private final String id;
  private final long deadlineNanos;
  private final Types types;
  private final LocalShards shards;
  private final Calls calls;
  private final ClusterPart cluster;
  private final Inspections inspections;
  private final Troubles troubles;
  private final Runnable onClose;

  LimpetNode(
      String id,
      long deadlineNanos,
      Types types,
      LocalShards shards,
      Calls calls,
      ClusterPart cluster,
      Inspections inspections,
      Troubles troubles,
      Runnable onClose) {
    this.id = id;
    this.deadlineNanos = deadlineNanos;
    this.types = types;
    this.shards = shards;
    this.calls = calls;
    this.cluster = cluster;
    this.inspections = inspections;
    this.troubles = troubles;
    this.onClose = onClose;
  }

  // For the application.

  @Override
  public <P> Ref<P> ref(Class<P> type, String key) {
    HostedType hosted = types.of(type);
    return new NodeRef<>(
        calls, hosted, StickyType.of(type), new ProcessId(hosted.name(), key), deadlineNanos, null);
  }

  @Override
  public String nodeId() {
    return id;
  }

  @Override
  public void close() {
    onClose.run();
  }

  /** The names of the nodes that hold the replicated logs. */
  List<String> voters() {
    return cluster.voters().stream().sorted().toList();
  }

  /** Whether this node is one of them. */
  boolean votes() {
    return cluster.votes();
  }

  // For the edge.

  @Override
  public StickyType<?> type(String name) {
    return types.named(name).sticky();
  }

  @Override
  public List<StickyType<?>> types() {
    return types.all();
  }

  @Override
  public Door.Answer call(
      ProcessId process,
      StickyType<?> type,
      int method,
      @Nullable Object[] arguments,
      @Nullable Duration deadline,
      @Nullable String idempotencyKey)
      throws Exception {
    if (idempotencyKey != null) {
      NodeRef.checkKey(idempotencyKey);
    }
    HostedType hosted = types.named(type.name());
    long nanos =
        deadline == null ? deadlineNanos : Math.min(deadline.toNanos(), DEADLINE_NANOS_MAX);
    Calls.Answer answer =
        calls.call(
            hosted,
            process,
            calls.hashedShardOf(process),
            method,
            arguments,
            System.nanoTime() + nanos,
            idempotencyKey);
    if (answer.value() instanceof Thrown thrown) {
      throw Calls.rebuilt(hosted.method(method), thrown);
    }
    return new Door.Answer(
        answer.value(), answer.home().isEmpty() ? id : answer.home(), answer.epoch());
  }

  @Override
  public Readiness readiness() {
    boolean ready = cluster.gate().open(System.nanoTime());
    return new Readiness(ready, ready ? "serving" : cluster.gate().whyShut());
  }

  @Override
  public ClusterReport cluster() {
    Placement view = cluster.view();
    Map<String, Integer> tenures = shards.tenures();
    int orphaned = (int) view.shards().stream().filter(s -> s.home() == 0).count();
    int moves = (int) view.homes().stream().filter(s -> s.move() != null).count();
    return new ClusterReport(
        cluster.name(),
        view.clusterId(),
        id,
        cluster.viewIndex(),
        cluster.leader(),
        view.shards().size(),
        orphaned,
        moves,
        view.pins().count(),
        tenures.getOrDefault("open", 0),
        shards.supervision().failingCount(),
        shards.stuckCount(),
        types.all().stream().map(StickyType::name).toList(),
        types.namedRoles().stream().map(role -> role(view, role)).toList());
  }

  private RoleReport role(Placement view, String role) {
    return new RoleReport(
        role,
        types.ofRole(role),
        view.holding(role).stream().map(Member::name).sorted().toList(),
        view.ranges().all().stream()
            .filter(r -> r.role().equals(role))
            .mapToInt(ShardRange::count)
            .sum());
  }

  @Override
  public List<NodeReport> nodes() {
    Placement view = cluster.view();
    List<NodeReport> reports = new ArrayList<>();
    for (Member m : view.members().values()) {
      int home = 0;
      int preferred = 0;
      for (ShardHome s : view.shards()) {
        home += s.home() == m.registration() ? 1 : 0;
        preferred += s.preferred().equals(m.name()) ? 1 : 0;
      }
      String lacks = cluster.reachOf(m.registration()).lacks();
      boolean self = m.registration() == cluster.registration();
      reports.add(
          new NodeReport(
              m.name(),
              view.drained().contains(m.name()) ? "draining" : "member",
              m.registration(),
              m.clusterAddress(),
              m.httpAddress(),
              home,
              preferred,
              m.name().equals(cluster.leader()),
              self ? (Long) TimeUnit.NANOSECONDS.toMillis(cluster.leaseLeftNanos()) : null,
              cluster.heardMillisAgo(m.registration()),
              new Start(m.boot(), m.incarnation().pid(), m.incarnation().startedMillis()),
              lacks.isEmpty() ? null : lacks,
              List.copyOf(m.roles())));
    }
    for (String name : cluster.names()) {
      if (view.member(name) == null) {
        int preferred =
            (int) view.shards().stream().filter(s -> s.preferred().equals(name)).count();
        reports.add(
            new NodeReport(
                name, "away", 0, "", "", 0, preferred, false, null, null, null, null, List.of()));
      }
    }
    reports.sort(Comparator.comparing(NodeReport::node));
    return reports;
  }

  @Override
  public Where where(ProcessId process) {
    types.named(process.type());
    Placement view = cluster.view();
    if (!view.types().hosts(process.type())) {
      throw new Unavailable(
          ErrorCode.NO_QUORUM, Executed.NO, "this node has no view of a formed cluster yet");
    }
    int shard = view.shardOf(process);
    ShardHome at = Objects.requireNonNull(view.at(shard), "the same view");
    Member home = view.homeOf(shard);
    String state = home == null ? "homeless" : at.move() == null ? "home" : "moving";
    return new Where(
        process.type(),
        process.key(),
        shard,
        home == null ? null : home.name(),
        at.epoch(),
        home == null || home.httpAddress().isEmpty() ? null : home.httpAddress(),
        state,
        view.pins().of(process) != null,
        types.roleOf(process.type()));
  }

  @Override
  public List<ProcessReport> processes(@Nullable String type, @Nullable String state, int limit) {
    if (type != null) {
      types.named(type);
    }
    return shards.processes(type, state, limit).stream()
        .map(r -> Inspections.report(r, id))
        .toList();
  }

  @Override
  public ProcessReport inspect(ProcessId process) {
    types.named(process.type());
    return inspections.inspect(process);
  }

  @Override
  public List<NodeTroubles> troubles() {
    return troubles.all();
  }

  @Override
  public void drain(String node) {
    requireKnown(node);
    cluster.drain(node);
  }

  @Override
  public void undrain(String node) {
    requireKnown(node);
    cluster.undrain(node);
  }

  @Override
  public void forget(String node) {
    requireKnown(node);
    cluster.forget(node);
  }

  @Override
  public Moved move(ProcessId process, String node) {
    types.named(process.type());
    return new Moved(cluster.pins().move(process, node), where(process));
  }

  @Override
  public Moved unpin(ProcessId process) {
    types.named(process.type());
    return new Moved(cluster.pins().unpin(process), where(process));
  }

  @Override
  public void ended(String node, long registration, Start start) {
    cluster.childEnded(
        new ChildReport(node, registration, start.boot(), start.pid(), start.startedMillis()));
  }

  private void requireKnown(String node) {
    if (cluster.view().member(node) == null && !cluster.names().contains(node)) {
      throw new CallRefused(
          ErrorCode.UNKNOWN_PATH,
          "no node of that name; there are " + String.join(", ", cluster.names()));
    }
  }

  @Override
  public AutoCloseable watch(Consumer<Line> lines) {
    return cluster.watch(lines);
  }
}
