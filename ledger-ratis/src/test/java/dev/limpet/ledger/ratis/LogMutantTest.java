package dev.limpet.ledger.ratis;

import static dev.limpet.mutant.Mutant.ratis;

import dev.limpet.mutant.Mutant;
import dev.limpet.mutant.MutantsTest;
import dev.limpet.mutant.TestTrial;
import java.util.List;
import java.util.regex.Pattern;

/** Where the leaders of the logs are (rule 20), broken on purpose. */
class LogMutantTest extends MutantsTest {
  @Override
  protected List<Mutant> mutants() {
    return List.of(
        leaders(
            "a leader does not follow the other log's",
            "anyChange|stableForTenSeconds|leaderThatDoesNotAnswer",
            "return target;",
            "return null;"),
        leaders(
            "a leader follows before things have stood still",
            "anyChange|stableForTenSeconds|leaderThatDoesNotAnswer",
            "nowNanos - unchangedSinceNanos < STABLE_NANOS || ",
            ""),
        leaders(
            "a leader that cannot follow tries again and again",
            "stableForTenSeconds",
            "|| nowNanos - notBeforeNanos < 0",
            ""),
        leaders(
            "a leader moves to a node that does not answer",
            "leaderThatDoesNotAnswer",
            "!answers || ",
            ""),
        leaders(
            "a replica that does not lead gives the leadership away",
            "whoDoesNotLead",
            "if (!followingNow.self() || target == null) {",
            "if (target == null) {"));
  }

  private static Mutant leaders(String name, String test, String search, String replacement) {
    return new Mutant(
        name,
        "20",
        List.of(ratis("Affinity.java", search, replacement)),
        TestTrial.of("dev.limpet.ledger.ratis.AffinityTest"),
        Pattern.compile(test));
  }
}
