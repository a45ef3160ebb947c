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

  /** Live processes on this node; of one type, or of all if it is null. */
  List<ProcessReport> processes(@Nullable String type, int limit);

  /** One process, asked at its home; activates nothing. */
  ProcessReport inspect(ProcessId id);

  /** Empties a node; its shards move to the others. Idempotent. Throws {@link CallRefused} for an unknown name. */
  void drain(String node);

  void undrain(String node);

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
   * Follows the ledger's decisions, from now on, until the subscription is closed or the node ends. The consumer is
   * called by one thread at a time and must be quick; a slow one is cut off.
   */
  AutoCloseable watch(Consumer<Line> lines);

  /** One decision of the ledger: its index, its kind in one word, and a sentence. */
  record Line(long index, String kind, String text) {}

  /**
   * The cluster as this node sees it.
   *
   * @param view the ledger index of this node's view
   * @param shardsOpen how many shards this node serves now
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
      List<String> types) {}

  /**
   * One member.
   *
   * @param leaseMillisLeft what is left of this node's own lease as it knows it; null for other nodes
   * @param heardMillisAgo how long ago the leader last applied a renewal of it, as known here; null if unknown
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
      @Nullable Long heardMillisAgo) {}

  /** Where a process lives; home is null while it has none. Pinned: it has a home of its own. */
  record Where(
      String type,
      String key,
      int shard,
      @Nullable String home,
      long epoch,
      @Nullable String homeHttp,
      String state,
      boolean pinned) {}

  /**
   * What came of an order to move a process.
   *
   * @param done false if it is still under way
   */
  record Moved(boolean done, Where where) {}

  /**
   * A process on its home.
   *
   * @param state {@code live}, {@code passive}, {@code failing}
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
      java.util.@Nullable Map<String, String> cells) {}
}
