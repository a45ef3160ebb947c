package dev.limpet.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the demo found, for people. */
record DemoReport(
    Audit audit,
    double seconds,
    long settled,
    int probedKeys,
    double longestGapSeconds,
    long keysInterrupted,
    String victim,
    boolean victimLed,
    double killedAtSeconds,
    String shardsBefore,
    String shardsAfterKill,
    double restartedAtSeconds,
    @Nullable Double homeAfterSeconds,
    int sampleKeys,
    int sampleKeysHome) {

  boolean passed() {
    return audit.passed();
  }

  List<String> lines() {
    var verdict = audit.verdict();
    List<String> lines = new ArrayList<>();
    add(
        lines,
        "acknowledged",
        number(verdict.acknowledged())
            + " durable calls in "
            + seconds(seconds)
            + ", "
            + number(Math.round(verdict.acknowledged() / seconds))
            + " a second");
    add(lines, "lost", number(verdict.lost()));
    add(lines, "doubled", number(verdict.doubled() + verdict.toldTwice()));
    add(
        lines,
        "unknown",
        number(verdict.unknown())
            + " calls without an idempotency key got no answer: "
            + number(verdict.unknownRan())
            + " had run, "
            + number(verdict.unknown() - verdict.unknownRan())
            + " had not");
    add(
        lines,
        "settled",
        number(settled)
            + " calls with an idempotency key got no answer at first, were repeated, and ran once");
    add(
        lines,
        "killed",
        victim
            + (victimLed ? ", which led the ledger," : "")
            + " with kill -9, after "
            + seconds(killedAtSeconds));
    add(
        lines,
        "interrupted",
        seconds(longestGapSeconds)
            + " at the longest, of any of "
            + probedKeys
            + " keys that were called all the time; "
            + keysInterrupted
            + " keys felt it");
    add(lines, "shards", "before the kill: " + shardsBefore);
    add(lines, "", "after the kill:  " + shardsAfterKill);
    add(lines, "home again", homeAgain());
    add(
        lines,
        "checked",
        number(verdict.processes())
            + " processes, each against every answer that its callers were given");
    if (audit.unread() > 0) {
      add(lines, "UNREAD", number(audit.unread()) + " processes could not be read at the end");
    }
    audit.findings().forEach(finding -> add(lines, "WRONG", finding));
    lines.add("");
    lines.add(
        passed()
            ? "PASSED: nothing that was acknowledged is lost, and nothing happened twice"
            : "FAILED: see above");
    return lines;
  }

  private String homeAgain() {
    if (homeAfterSeconds == null) {
      return "no: "
          + victim
          + " was started again after "
          + seconds(restartedAtSeconds)
          + " and has not all its shards";
    }
    return "yes, %s after %s was started again; %d of %d keys that were seen there are back"
        .formatted(seconds(homeAfterSeconds), victim, sampleKeysHome, sampleKeys);
  }

  private static void add(List<String> lines, String name, String text) {
    lines.add(String.format(Locale.ROOT, "  %-13s %s", name, text).stripTrailing());
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.2f s", value);
  }
}
