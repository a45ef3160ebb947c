package dev.limpet.cli.faults;

import dev.limpet.cli.load.Tally;
import java.util.ArrayList;
import java.util.List;

/*
 * Every call adds one, so a value is a version. What began after a call had ended must see at least that call's value,
 * whoever made it and through whichever node; nothing may see more than the adds that had begun. Together with the sum at
 * the end (Tally) that is what linearizability asks of a counter, but for calls that overlap.
 */
/** What the callers of one counter were told, in the order of real time. Thread-safe. */
final class Sightings {
  private static final int FINDINGS_MAX = 5;

  private final String key;
  private final Tally tally = new Tally();
  private final List<String> findings = new ArrayList<>();
  private long seen;
  private long begun;

  Sightings(String key) {
    this.key = key;
  }

  String key() {
    return key;
  }

  Tally tally() {
    return tally;
  }

  /** An add begins; returns what somebody has seen before. */
  synchronized long addBegins() {
    begun++;
    return seen;
  }

  /** A read begins; returns what somebody has seen before. */
  synchronized long readBegins() {
    return seen;
  }

  void added(long seenBefore, long value) {
    tally.acknowledged(value);
    saw("an add", seenBefore + 1, value);
  }

  void read(long seenBefore, long value) {
    saw("a read", seenBefore, value);
  }

  private synchronized void saw(String who, long atLeast, long value) {
    if (value < atLeast) {
      find(who + " was told " + value + ", though at least " + atLeast + " was due");
    }
    if (value > begun) {
      find(who + " was told " + value + ", though only " + begun + " adds had begun");
    }
    seen = Math.max(seen, value);
  }

  /** Notes what must not be. */
  synchronized void find(String what) {
    if (findings.size() < FINDINGS_MAX) {
      findings.add(key + ": " + what);
    }
  }

  synchronized List<String> findings() {
    return List.copyOf(findings);
  }
}
