package dev.limpet.engine;

import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.core.fence.Fence.PartDecision;
import dev.limpet.core.fence.PinFence;
import dev.limpet.engine.Store.Claim;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fences of processes that have, or once had, a home of their own, as an engine holds them in memory: one for each
 * such process. Changes of one entry are {@linkplain #keep kept} or {@linkplain #undo undone} together. Not thread-safe.
 */
public final class PinTable {
  private final Map<ProcessId, Row> byProcess = new HashMap<>();
  private final Map<Integer, Row> byNumber = new HashMap<>();

  /** How many processes of each hashed shard are pinned now; without those that are not. */
  private final Map<Integer, Integer> standing = new HashMap<>();

  /** What was before this entry, null for nothing. */
  private final Map<ProcessId, @Nullable Row> before = new HashMap<>();

  /**
   * One process's fence.
   *
   * @param hashed the shard that the process is hashed into, which its rows are saved under
   */
  public record Row(ProcessId id, int hashed, PinFence fence) {}

  /** Decides the claim of a pin. */
  public Fence.ClaimDecision claim(Claim claim, Store.Pinned pinned) {
    Row row = byProcess.get(pinned.id());
    PinFence fence = row == null ? PinFence.NONE : row.fence;
    Fence.ClaimDecision decision =
        fence.claim(claim.shard(), claim.epoch(), claim.number(), claim.owner());
    if (decision instanceof Fence.ClaimDecision.Granted(Fence next)) {
      put(new Row(pinned.id(), pinned.hashed(), PinFence.granted(claim.shard(), next)));
    }
    return decision;
  }

  /** The process whose pin has that number, or had it last; null if there is none. */
  public @Nullable Row numbered(int shard) {
    return byNumber.get(shard);
  }

  /** Whether a hashed shard has a process that is pinned now, so that its parts must be looked at. */
  public boolean isPinnedFrom(int hashed) {
    return standing.containsKey(hashed);
  }

  /** Whether that process is pinned now. */
  public boolean isPinned(ProcessId id) {
    Row row = byProcess.get(id);
    return row != null && !row.fence.ended();
  }

  /** Decides a pin's commit; changes the fence if it is accepted. */
  public PartDecision part(Row row, long epoch, long claim, long sequence, boolean ends) {
    PartDecision decision = row.fence.part(epoch, claim, sequence);
    if (decision == PartDecision.ACCEPTED) {
      put(new Row(row.id, row.hashed, row.fence.accepted(ends)));
    }
    return decision;
  }

  /** The rows that this entry has changed, as they are now. */
  public List<Row> changed() {
    return before.keySet().stream().map(id -> Objects.requireNonNull(byProcess.get(id))).toList();
  }

  /** The entry stands. */
  public void keep() {
    before.clear();
  }

  /** The entry is void: everything is as it was before. */
  public void undo() {
    Map<ProcessId, @Nullable Row> old = new HashMap<>(before);
    old.forEach((id, row) -> {
      Row now = byProcess.get(id);
      if (now != null) {
        drop(now);
      }
      if (row != null) {
        add(row);
      }
    });
    before.clear();
  }

  /** Replaces everything by what was saved. */
  public void load(Collection<Row> rows) {
    byProcess.clear();
    byNumber.clear();
    standing.clear();
    before.clear();
    rows.forEach(this::add);
  }

  private void put(Row row) {
    Row old = byProcess.get(row.id);
    if (!before.containsKey(row.id)) {
      before.put(row.id, old);
    }
    if (old != null) {
      drop(old);
    }
    add(row);
  }

  private void add(Row row) {
    byProcess.put(row.id, row);
    byNumber.put(row.fence.number(), row);
    if (!row.fence.ended()) {
      standing.merge(row.hashed, 1, Integer::sum);
    }
  }

  private void drop(Row row) {
    byProcess.remove(row.id);
    byNumber.remove(row.fence.number());
    if (!row.fence.ended()) {
      standing.computeIfPresent(row.hashed, (h, n) -> n == 1 ? null : n - 1);
    }
  }
}
