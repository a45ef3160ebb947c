package dev.limpet.cli.chaos;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that is asked of a history, process by process. */
final class Checks {
  private static final int FINDINGS_MAX = 5;

  private Checks() {}

  /** What must not be, at most some for each process; empty if all is well. */
  static List<String> all(List<Operation> operations) {
    Map<String, List<Operation>> byKey = new LinkedHashMap<>();
    for (Operation operation : operations) {
      byKey.computeIfAbsent(operation.key(), unused -> new ArrayList<>()).add(operation);
    }
    List<String> findings = new ArrayList<>();
    byKey.forEach((key, of) -> {
      List<String> here = new ArrayList<>(EpochCheck.check(of));
      switch (key.substring(0, key.indexOf('/'))) {
        case "counter" -> here.addAll(CounterCheck.check(of));
        case "register" -> here.addAll(RegisterCheck.check(of));
        case "limiter" -> here.addAll(LimiterCheck.check(of));
        default -> here.add("nobody knows what may be true of such a process");
      }
      here.addAll(AnswerCheck.check(of));
      here.stream().limit(FINDINGS_MAX).map(finding -> key + ": " + finding).forEach(findings::add);
    });
    return findings;
  }
}
