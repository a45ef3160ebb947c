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
            "groupThatIsHardlyUsed|anyChange|stableForTenSeconds|leaderThatDoesNotAnswer",
            "return target;",
            "return null;"),
        leaders(
            "a leader follows before things have stood still",
            "groupThatIsHardlyUsed|anyChange|stableForTenSeconds|leaderThatDoesNotAnswer",
            "nowNanos - unchangedSinceNanos < stable || ",
            ""),
        leaders(
            "a group that is used follows as soon as one that is not",
            "groupThatIsHardlyUsed|anyChange|stableForTenSeconds|leaderThatDoesNotAnswer",
            "young ? YOUNG_STABLE_NANOS : STABLE_NANOS",
            "YOUNG_STABLE_NANOS"),
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
            "if (target == null) {"),
        misplaced(
            "a leader beside which the other cannot be stays",
            "leaderWithNoVoteBeside|newTerm",
            "    return due;",
            "    return false;"),
        misplaced(
            "a leader beside which the other cannot be goes at once",
            "leaderWithNoVoteBeside|newTerm",
            "nowNanos - sinceNanos >= Affinity.STABLE_NANOS",
            "true"),
        misplaced(
            "a leader beside which the other can be goes",
            "newTerm|whoDoesNotLead",
            "!now.self() || votesBeside",
            "!now.self()"),
        new Mutant(
            "a voter takes part before it has applied what came before",
            "9",
            List.of(
                ratis(
                    "RatisLog.java",
                    " && adapter.appliedIndex() >= running.getRaftConf().getLogEntryIndex()",
                    "")),
            TestTrial.of(
                "dev.limpet.ledger.ratis.MembershipTest#voterThatIsAdded_takesPart_onlyOnceItHasAppliedWhatCameBefore"),
            Pattern.compile("voterThatIsAdded")));
  }

  private static Mutant leaders(String name, String test, String search, String replacement) {
    return leaders("Affinity", name, test, search, replacement);
  }

  private static Mutant misplaced(String name, String test, String search, String replacement) {
    return leaders("Misplaced", name, test, search, replacement);
  }

  private static Mutant leaders(
      String type, String name, String test, String search, String replacement) {
    return new Mutant(
        name,
        "20",
        List.of(ratis(type + ".java", search, replacement)),
        TestTrial.of("dev.limpet.ledger.ratis." + type + "Test"),
        Pattern.compile(test));
  }
}
