package dev.limpet.cli.chaos;

import dev.limpet.cli.chaos.Operation.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/*
 * Every add adds one and is told the new value, so a value is a number of adds. What began after an add had been
 * acknowledged counts it; nothing counts more than the adds that had begun when it was answered; no two adds are told
 * the same value; and values never go back in real time. For a counter that is all that linearizability asks but for
 * the order of calls that overlap, and it takes no search.
 *
 * Calls with the same idempotency key are one call, which began with the first of them and was over with the first
 * answer.
 */
/** Whether what the callers of one counter were told can be true of one counter. */
final class CounterCheck {
  private CounterCheck() {}

  /** One add, which perhaps several calls asked for. */
  private record Add(
      long invokedNanos, long returnedNanos, boolean done, boolean mayHaveRun, long value) {
    static Add of(List<Operation> calls) {
      long returned = Long.MAX_VALUE;
      long invoked = Long.MAX_VALUE;
      long value = 0;
      boolean mayHaveRun = false;
      for (Operation call : calls) {
        invoked = Math.min(invoked, call.invokedNanos());
        mayHaveRun |= call.mayHaveRun();
        if (call.done() && call.returnedNanos() < returned) {
          returned = call.returnedNanos();
          value = call.result();
        }
      }
      return new Add(invoked, returned, returned < Long.MAX_VALUE, mayHaveRun, value);
    }
  }

  /** Somebody was told a value; {@code added} is what he himself had added to it. */
  private record Sighting(long invokedNanos, long returnedNanos, long value, long added) {}

  /** What cannot be true, one line each; empty if all can. */
  static List<String> check(List<Operation> operations) {
    List<String> findings = new ArrayList<>();
    List<Add> adds = adds(operations, findings);
    long[] acknowledged =
        adds.stream().filter(Add::done).mapToLong(Add::returnedNanos).sorted().toArray();
    long[] begun =
        adds.stream().filter(Add::mayHaveRun).mapToLong(Add::invokedNanos).sorted().toArray();
    Set<Long> told = new HashSet<>();
    List<Sighting> sightings = new ArrayList<>();
    for (Add add : adds) {
      if (add.done) {
        if (!told.add(add.value)) {
          findings.add("two adds were told " + add.value);
        }
        sightings.add(new Sighting(add.invokedNanos, add.returnedNanos, add.value, 1));
      }
    }
    operations.stream()
        .filter(each -> each.action() == Action.GET && each.done())
        .map(each -> new Sighting(each.invokedNanos(), each.returnedNanos(), each.result(), 0))
        .forEach(sightings::add);
    for (Sighting sighting : sightings) {
      long least = countBelow(acknowledged, sighting.invokedNanos) + sighting.added;
      long most = countBelow(begun, sighting.returnedNanos);
      String who = (sighting.added > 0 ? "an add" : "a get") + " was told " + sighting.value;
      if (sighting.value < least) {
        findings.add(who + ", though at least " + least + " was due: acknowledged adds are lost");
      }
      if (sighting.value > most) {
        findings.add(who + ", though only " + most + " adds had begun: adds ran twice");
      }
    }
    neverBack(sightings, findings);
    return findings;
  }

  private static List<Add> adds(List<Operation> operations, List<String> findings) {
    Map<String, List<Operation>> calls = new LinkedHashMap<>();
    for (Operation operation : operations) {
      if (operation.action() == Action.ADD) {
        String name = operation.once().isEmpty() ? "#" + calls.size() : operation.once();
        calls.computeIfAbsent(name, unused -> new ArrayList<>()).add(operation);
      }
    }
    calls.forEach((once, same) -> {
      Set<Long> answers = new TreeSet<>();
      same.stream().filter(Operation::done).forEach(call -> answers.add(call.result()));
      if (answers.size() > 1) {
        findings.add("the call with the idempotency key " + once + " was told " + answers);
      }
    });
    return calls.values().stream().map(Add::of).toList();
  }

  private static void neverBack(List<Sighting> sightings, List<String> findings) {
    List<Sighting> byInvocation =
        sightings.stream().sorted(Comparator.comparingLong(Sighting::invokedNanos)).toList();
    List<Sighting> byReturn =
        sightings.stream().sorted(Comparator.comparingLong(Sighting::returnedNanos)).toList();
    long seen = 0;
    int over = 0;
    for (Sighting sighting : byInvocation) {
      while (over < byReturn.size() && byReturn.get(over).returnedNanos < sighting.invokedNanos) {
        seen = Math.max(seen, byReturn.get(over).value);
        over++;
      }
      if (sighting.value < seen + sighting.added) {
        findings.add(
            "somebody was told " + sighting.value + " after somebody had been told " + seen);
      }
    }
  }

  private static int countBelow(long[] sorted, long bound) {
    int at = Arrays.binarySearch(sorted, bound);
    if (at < 0) {
      return -at - 1;
    }
    while (at > 0 && sorted[at - 1] == bound) {
      at--;
    }
    return at;
  }
}
