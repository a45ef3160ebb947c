package dev.limpet.node.door;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.ProcessId;
import dev.limpet.values.StickyType;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A node as the HTTP edge sees it: calls by name, and reports for people. Thread-safe; calls block, so they are made on
 * virtual threads.
 */
public interface Door {
  /**
   * A hosted type by its name.
   *
   * @throws CallRefused {@link ErrorCode#UNKNOWN_TYPE} if this cluster hosts none of that name
   */
  StickyType<?> type(String name);

  /** All hosted types, by name. */
  List<StickyType<?>> types();

  /**
   * Makes a call, wherever the process lives.
   *
   * @param method the method's index in its type
   * @param arguments decoded and checked against the method's parameters
   * @param deadline null for the node's default
   * @throws dev.limpet.LimpetException Limpet's own refusals and failures
   * @throws Exception an exception that the method declares, as itself
   */
  Answer call(
      ProcessId id,
      StickyType<?> type,
      int method,
      @Nullable Object[] arguments,
      @Nullable Duration deadline,
      @Nullable String idempotencyKey)
      throws Exception;

  /** A result, and who gave it. */
  record Answer(@Nullable Object value, String home, long epoch) {}

  /** Whether this node serves: it is a member and its lease holds. The text says why not. */
  Readiness readiness();

  record Readiness(boolean ready, String detail) {}

  ClusterReport cluster();

  List<NodeReport> nodes();

  Where where(ProcessId id);

  /**
   * Processes on this node that are in memory or fail.
   *
   * @param type of one type only; null for all
   * @param state in that {@linkplain ProcessReport#state state} only; null for all that are in memory
   */
  List<ProcessReport> processes(@Nullable String type, @Nullable String state, int limit);

  /** Processes in memory on this node; of one type, or of all if it is null. */
  default List<ProcessReport> processes(@Nullable String type, int limit) {
    return processes(type, null, limit);
  }

  /** One process, asked at its home; activates nothing. */
  ProcessReport inspect(ProcessId id);

  /** What fails and what is stuck, on each member of the cluster. */
  List<NodeTroubles> troubles();

  /** Empties a node; its shards move to the others. Idempotent. Throws {@link CallRefused} for an unknown name. */
  void drain(String node);

  void undrain(String node);

  /** Gives up the name of a node that never comes back. Throws {@link CallRefused} for a member or an unknown name. */
  void forget(String node);

  /**
   * Gives a process a home of its own on that node, and waits until it is there, or a bound is over.
   *
   * @throws CallRefused if the node takes no process, or too many have a home of their own
   */
  Moved move(ProcessId id, String node);

  /**
   * Gives a process back to the shard that it is hashed into, and waits in the same way.
   *
   * @throws CallRefused {@link ErrorCode#NOT_PINNED} if it has no home of its own
   */
  Moved unpin(ProcessId id);

  /**
   * The word of a process that started a node's: it has waited for its end. Ends that node's lease at once. Throws {@link
   * CallRefused} if it is not believed.
   */
  void ended(String node, long registration, Start start);

  /**
   * One start of a node.
   *
   * @param boot names it
   * @param pid the operating system's number of its process; 0, as is the next, if it is not known
   * @param startedMillis when that was started, by its machine's wall clock
   */
  record Start(String boot, long pid, long startedMillis) {}

  /**
   * Follows the ledger's decisions, from now on, until the subscription is closed or the node ends. The consumer is
   * called by one thread at a time and must be quick; a slow one is cut off.
   */
  AutoCloseable watch(Consumer<Line> lines);

  /**
   * What one entry of the ledger decided.
   *
   * @param index of the entry
   * @param kind the first decision's, in one word
   * @param text all of it in one line for people
   * @param decisions a sentence for each decision, if there are several; else null
   */
  record Line(long index, String kind, String text, @Nullable List<String> decisions) {
    /** Of a single decision. */
    public Line(long index, String kind, String text) {
      this(index, kind, text, null);
    }
  }

  /**
   * The cluster as this node sees it.
   *
   * @param view the ledger index of this node's view
   * @param shardsOpen how many shards this node serves now
   * @param processesFailing how many processes fail on this node
   * @param turnsStuck how many turns on this node run for longer than their type allows
   * @param roles that types name
   */
  record ClusterReport(
      String cluster,
      String clusterId,
      String self,
      long view,
      @Nullable String leader,
      int shards,
      int shardsOrphaned,
      int movesUnderWay,
      int pins,
      int shardsOpen,
      int processesFailing,
      int turnsStuck,
      List<String> types,
      List<RoleReport> roles) {}

  /**
   * A role that types name.
   *
   * @param types those that name it
   * @param nodes the members that hold it; if there are none, its processes wait for one
   * @param shards how many there are of these types
   */
  record RoleReport(String role, List<String> types, List<String> nodes, int shards) {}

  /**
   * One member.
   *
   * @param leaseMillisLeft what is left of this node's own lease as it knows it; null for other nodes
   * @param heardMillisAgo how long ago the leader last applied a renewal of it, as known here; null if unknown
   * @param start which start of it is the member; null for one that is away
   * @param lacks what it does not reach, in words, as it last told the leader; null if nothing, or unknown
   * @param roles what it holds; empty for one that is away
   */
  record NodeReport(
      String node,
      String state,
      long registration,
      String clusterAddress,
      String httpAddress,
      int shards,
      int shardsPreferred,
      boolean leader,
      @Nullable Long leaseMillisLeft,
      @Nullable Long heardMillisAgo,
      @Nullable Start start,
      @Nullable String lacks,
      List<String> roles) {}

  /**
   * What fails and what is stuck on one node.
   *
   * @param processesFailing null, as is the next, if the node did not answer
   * @param processes some of them
   */
  record NodeTroubles(
      String node,
      @Nullable Integer processesFailing,
      @Nullable Integer turnsStuck,
      List<ProcessReport> processes) {}

  /**
   * Where a process lives.
   *
   * @param home null while it has none
   * @param pinned whether it has a home of its own
   * @param role that its type names; null for none
   */
  record Where(
      String type,
      String key,
      int shard,
      @Nullable String home,
      long epoch,
      @Nullable String homeHttp,
      String state,
      boolean pinned,
      @Nullable String role) {}

  /**
   * What came of an order to move a process.
   *
   * @param done false if it is still under way
   */
  record Moved(boolean done, Where where) {}

  /**
   * A process on its home.
   *
   * @param state {@code live}, {@code passive}, {@code failing}, {@code stuck}
   * @param lastFailure what this copy of it threw last, although it should not have; null if nothing
   * @param failures null if nothing has failed since a turn last ended well
   * @param stuck the turn that runs, if it does for longer than its type allows
   * @param cells its state as text, by cell name; null when it is not live
   */
  record ProcessReport(
      String type,
      String key,
      int shard,
      String home,
      long epoch,
      String state,
      int callsWaiting,
      long idleMillis,
      long turns,
      @Nullable String lastFailure,
      @Nullable Failures failures,
      @Nullable StuckTurn stuck,
      java.util.@Nullable Map<String, String> cells) {}

  /**
   * What has failed of a process since a turn of it last ended well.
   *
   * @param failing whether that is more than an accident
   * @param inARow how many activations or turns failed, with none between them that did not
   * @param restarts how often it was made anew for that
   * @param sinceMillis how long ago that began
   * @param nextAttemptMillis in how long a call may make the next attempt to activate it, 0 for at once; null if it is in
   *     memory
   * @param cause what went wrong last
   */
  record Failures(
      boolean failing,
      int inARow,
      int restarts,
      long sinceMillis,
      @Nullable Long nextAttemptMillis,
      String cause) {}

  /**
   * A turn that runs for longer than its type allows.
   *
   * @param method its name
   * @param millis for how long it runs, at least
   * @param stack where its thread is at this moment, the innermost frame first; empty if it has just ended
   */
  record StuckTurn(String method, long millis, List<String> stack) {}
}
