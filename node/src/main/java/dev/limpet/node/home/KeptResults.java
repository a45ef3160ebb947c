package dev.limpet.node.home;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.ProcessId;
import dev.limpet.engine.Store;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answers that one process keeps for repeated calls (rule 13). Bounded: when it is full a new key is refused, and
 * none is forgotten before its time. Saved in the same commit as the state. Touched only inside turns.
 */
final class KeptResults {
  private static final String COLUMN_PREFIX = "key:";

  private final int keptMax;
  private final long keptMillis;
  private final LinkedHashMap<String, KeptResult> byKey = new LinkedHashMap<>();
  private final List<String> dropped = new ArrayList<>();

  KeptResults(int keptMax, long keptMillis) {
    this.keptMax = keptMax;
    this.keptMillis = keptMillis;
  }

  /** What belongs here out of a process's saved columns; null if nothing does. */
  static @Nullable KeptResults load(Map<String, byte[]> columns, int keptMax, long keptMillis) {
    if (columns.isEmpty()) {
      return null;
    }
    List<Map.Entry<String, KeptResult>> found = new ArrayList<>();
    columns.forEach((column, bytes) -> {
      if (column.startsWith(COLUMN_PREFIX)) {
        found.add(Map.entry(column.substring(COLUMN_PREFIX.length()), KeptResult.decode(bytes)));
      }
    });
    found.sort((a, b) -> Long.compare(a.getValue().savedAtMillis(), b.getValue().savedAtMillis()));
    if (found.isEmpty()) {
      return null;
    }
    KeptResults results = new KeptResults(keptMax, keptMillis);
    found.forEach(e -> results.byKey.put(e.getKey(), e.getValue()));
    return results;
  }

  @Nullable KeptResult find(String key, String method, byte[] digest) {
    KeptResult kept = byKey.get(key);
    if (kept != null && !kept.isFor(method, digest)) {
      throw new CallRefused(
          ErrorCode.KEY_REUSED,
          "this idempotency key was used for another call of the process ("
              + kept.method()
              + ", or the same with other arguments); use a new key for a new call");
    }
    return kept;
  }

  /** Forgets what is past its time, and refuses if there is no room for one more. */
  void makeRoom(long nowMillis) {
    for (Iterator<Map.Entry<String, KeptResult>> all = byKey.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<String, KeptResult> oldest = all.next();
      if (nowMillis - oldest.getValue().savedAtMillis() < keptMillis) {
        break;
      }
      all.remove();
      dropped.add(oldest.getKey());
    }
    if (byKey.size() >= keptMax) {
      throw new CallRefused(
          ErrorCode.KEYS_FULL,
          "this process keeps the answers of "
              + keptMax
              + " idempotency keys and none is old enough to forget;"
              + " send fewer keyed calls to one process, or raise the bound of its type");
    }
  }

  /** Adds to the turn's changes what keeping this answer takes; nothing is kept before {@link #keep}. */
  void describe(ProcessId id, String key, KeptResult answer, List<Store.Change> changes) {
    changes.add(new Store.Change(id, COLUMN_PREFIX + key, answer.encode()));
    for (String old : dropped) {
      if (!old.equals(key)) {
        changes.add(new Store.Change(id, COLUMN_PREFIX + old, null));
      }
    }
  }

  /** The changes are on their way to the store: the answer is kept. */
  void keep(String key, KeptResult answer) {
    byKey.put(key, answer);
    dropped.clear();
  }
}
