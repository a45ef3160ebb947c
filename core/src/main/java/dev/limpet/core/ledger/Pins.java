package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All pins as of one ledger index. Immutable. */
public final class Pins {
  public static final Pins NONE = new Pins(new TreeMap<>());

  private final SortedMap<Integer, Pin> byNumber;
  private final List<Pin> ending;
  private final int count;

  /** Only ever asked for one, never walked: its order is random. */
  private final Map<ProcessId, Pin> byProcess = new HashMap<>();

  Pins(SortedMap<Integer, Pin> byNumber) {
    this.byNumber = Collections.unmodifiableSortedMap(new TreeMap<>(byNumber));
    this.count = byNumber.size();
    byNumber.values().forEach(p -> byProcess.put(p.id(), p));
    this.ending = byNumber.values().stream().filter(Pin::ending).toList();
  }

  public boolean isEmpty() {
    return count == 0;
  }

  public int count() {
    return count;
  }

  /** In the order of their numbers. */
  public Collection<Pin> all() {
    return byNumber.values();
  }

  /** Those that are on their way back. */
  public List<Pin> ending() {
    return ending;
  }

  public @Nullable Pin of(ProcessId id) {
    return count == 0 ? null : byProcess.get(id);
  }

  public @Nullable Pin numbered(int number) {
    return count == 0 ? null : byNumber.get(number);
  }
}
