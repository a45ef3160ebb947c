package dev.limpet.cli.chaos;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whether the epochs of one process went forth only, as time did, and each had one home. */
final class EpochCheck {
  private EpochCheck() {}

  /** What cannot be, one line each; empty if all can. */
  static List<String> check(List<Operation> operations) {
    List<Operation> byInvocation =
        operations.stream()
            .filter(Operation::done)
            .sorted(Comparator.comparingLong(Operation::invokedNanos))
            .toList();
    List<Operation> byReturn =
        byInvocation.stream().sorted(Comparator.comparingLong(Operation::returnedNanos)).toList();
    List<String> findings = new ArrayList<>();
    Map<Long, String> homes = new HashMap<>();
    long highest = 0;
    String highestHome = "";
    int over = 0;
    for (Operation operation : byInvocation) {
      while (over < byReturn.size() && byReturn.get(over).before(operation)) {
        if (byReturn.get(over).epoch() > highest) {
          highest = byReturn.get(over).epoch();
          highestHome = byReturn.get(over).home();
        }
        over++;
      }
      if (operation.epoch() <= 0) {
        findings.add("an answer without an epoch");
      }
      if (operation.epoch() < highest) {
        findings.add(
            "%s answered under epoch %d, after %s had answered under epoch %d"
                .formatted(operation.home(), operation.epoch(), highestHome, highest));
      }
      String before = homes.putIfAbsent(operation.epoch(), operation.home());
      if (before != null && !before.equals(operation.home())) {
        findings.add(
            "%s and %s both answered under epoch %d"
                .formatted(before, operation.home(), operation.epoch()));
      }
    }
    return findings;
  }
}
