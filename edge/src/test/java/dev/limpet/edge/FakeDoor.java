package dev.limpet.edge;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.ProcessId;
import dev.limpet.node.door.Door;
import dev.limpet.values.StickyType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node that answers as the test says, and remembers what it was asked. */
final class FakeDoor implements Door {
  static final StickyType<Account> ACCOUNT = StickyType.of(Account.class);

  record Call(
      ProcessId id,
      String method,
      @Nullable Object[] arguments,
      @Nullable Duration deadline,
      @Nullable String idempotencyKey) {
    @Nullable Object argument(int i) {
      return arguments[i];
    }
  }

  interface Behaviour {
    @Nullable Object answer(Call call) throws Exception;
  }

  final List<Call> calls = new CopyOnWriteArrayList<>();
  final Set<Consumer<Line>> watchers = ConcurrentHashMap.newKeySet();
  final Set<String> forgotten = ConcurrentHashMap.newKeySet();
  final Map<ProcessId, String> pinned = new ConcurrentHashMap<>();
  final List<String> ended = new CopyOnWriteArrayList<>();
  final Set<String> drained = ConcurrentHashMap.newKeySet();
  volatile Behaviour behaviour = call -> 1L;
  volatile Readiness readiness = new Readiness(true, "serving");
  volatile @Nullable Runnable onWatch;

  /** The only call that came. */
  Call call() {
    if (calls.size() != 1) {
      throw new AssertionError("expected one call, got " + calls);
    }
    return calls.getFirst();
  }

  @Override
  public StickyType<?> type(String name) {
    if (!name.equals("account")) {
      throw new CallRefused(ErrorCode.UNKNOWN_TYPE, "no such type; this cluster hosts account");
    }
    return ACCOUNT;
  }

  @Override
  public List<StickyType<?>> types() {
    return List.of(ACCOUNT);
  }

  @Override
  public Answer call(
      ProcessId id,
      StickyType<?> type,
      int method,
      @Nullable Object[] arguments,
      @Nullable Duration deadline,
      @Nullable String idempotencyKey)
      throws Exception {
    Call call =
        new Call(id, type.methods().get(method).name(), arguments, deadline, idempotencyKey);
    calls.add(call);
    return new Answer(behaviour.answer(call), "n2", 17);
  }

  @Override
  public Readiness readiness() {
    return readiness;
  }

  @Override
  public ClusterReport cluster() {
    return new ClusterReport(
        "limpet",
        "c-1",
        "n1",
        42,
        null,
        256,
        0,
        0,
        1,
        128,
        2,
        1,
        List.of("account"),
        List.of(new RoleReport("gpu", List.of("account"), List.of("n1"), 64)));
  }

  @Override
  public List<NodeReport> nodes() {
    return List.of(
        new NodeReport(
            "n1",
            "serving",
            7,
            "127.0.0.1:7201",
            "127.0.0.1:7101",
            128,
            128,
            true,
            2500L,
            null,
            new Start("b-1", 4711, 1_700_000_000_000L),
            null,
            List.of("gpu")));
  }

  @Override
  public Where where(ProcessId id) {
    return new Where(id.type(), id.key(), 9, "n2", 17, null, "open", pinned.containsKey(id), "gpu");
  }

  @Override
  public Moved move(ProcessId id, String node) {
    if (node.equals("n9")) {
      throw new CallRefused(ErrorCode.NODE_UNFIT, "no node of the name n9 is a member now");
    }
    pinned.put(id, node);
    return new Moved(true, where(id));
  }

  @Override
  public Moved unpin(ProcessId id) {
    if (pinned.remove(id) == null) {
      throw new CallRefused(ErrorCode.NOT_PINNED, id + " has no home of its own");
    }
    return new Moved(false, where(id));
  }

  @Override
  public List<ProcessReport> processes(@Nullable String type, @Nullable String state, int limit) {
    String asked = "limit-" + limit + "-" + type + (state == null ? "" : "-" + state);
    return List.of(report(new ProcessId("account", asked)));
  }

  @Override
  public ProcessReport inspect(ProcessId id) {
    return report(id);
  }

  @Override
  public List<NodeTroubles> troubles() {
    return List.of(
        new NodeTroubles("n1", 2, 1, List.of(report(new ProcessId("account", "sick")))),
        new NodeTroubles("n2", null, null, List.of()));
  }

  private static ProcessReport report(ProcessId id) {
    return new ProcessReport(
        id.type(),
        id.key(),
        9,
        "n2",
        17,
        "live",
        0,
        5,
        3,
        null,
        null,
        null,
        Map.of("balance", "Balance[cents=500]"));
  }

  @Override
  public void drain(String node) {
    if (!node.equals("n1")) {
      throw new CallRefused(ErrorCode.INVALID_ARGUMENT, "there is no node of that name");
    }
    drained.add(node);
  }

  @Override
  public void forget(String node) {
    if (!node.equals("n1")) {
      throw new CallRefused(ErrorCode.INVALID_ARGUMENT, "there is no node of that name");
    }
    forgotten.add(node);
  }

  @Override
  public void undrain(String node) {
    drained.remove(node);
  }

  @Override
  public void ended(String node, long registration, Start start) {
    if (registration != 7) {
      throw new CallRefused(ErrorCode.INVALID_ARGUMENT, "not believed");
    }
    ended.add(node + " " + start);
  }

  @Override
  public AutoCloseable watch(Consumer<Line> lines) {
    watchers.add(lines);
    Runnable told = onWatch;
    if (told != null) {
      told.run();
    }
    return () -> watchers.remove(lines);
  }

  void say(Line line) {
    watchers.forEach(each -> each.accept(line));
  }
}
