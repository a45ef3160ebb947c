package dev.limpet.ledger.ratis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What clients saw of compare-and-set on one key whose values are all different. Such a history is correct when every
 * acknowledged change lies on one chain of values from the absent one: no value was replaced twice, and none that was
 * acknowledged is off the chain. Changes of unknown outcome may be links.
 */
final class Chains {
  record Change(String old, String next, boolean acknowledged, long index) {}

  private final List<Change> changes = new ArrayList<>();

  synchronized void add(Change change) {
    changes.add(change);
  }

  synchronized long acknowledged() {
    return changes.stream().filter(Change::acknowledged).count();
  }

  /** Says what is wrong, or nothing. */
  synchronized List<String> faults(String finalValue) {
    var faults = new ArrayList<String>();
    Map<String, Change> acknowledgedFrom = new HashMap<>();
    Map<String, Change> to = new HashMap<>();
    for (var change : changes) {
      to.put(change.next(), change);
      if (change.acknowledged()) {
        var other = acknowledgedFrom.put(change.old(), change);
        if (other != null) {
          faults.add("both " + other + " and " + change + " replaced the same value");
        }
      }
    }
    var onChain = new HashMap<String, Change>();
    long index = Long.MAX_VALUE;
    for (var value = finalValue; !value.equals("-"); ) {
      var change = to.get(value);
      if (change == null || onChain.put(value, change) != null) {
        faults.add("the value " + value + " came from nowhere");
        break;
      }
      if (change.acknowledged()) {
        if (change.index() >= index) {
          faults.add(change + " is not in the order of the log");
        }
        index = change.index();
      }
      value = change.old();
    }
    for (var change : changes) {
      if (change.acknowledged() && !onChain.containsKey(change.next())) {
        faults.add("acknowledged and lost: " + change);
      }
    }
    return faults;
  }
}
