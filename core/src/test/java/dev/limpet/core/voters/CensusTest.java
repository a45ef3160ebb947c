package dev.limpet.core.voters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.forming.Founder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is said of voters that can decide nothing. */
class CensusTest {
  private static Founder voter(int n, String disk) {
    return new Founder("n" + n, disk, "host" + n + ":7200");
  }

  /** Voters n1, n2, … of which those in the second list answer, and those in the third with another disk. */
  private static Census of(int voters, List<Integer> voting, List<Integer> emptied) {
    Map<String, Founder> answers = new HashMap<>();
    voting.forEach(n -> answers.put("n" + n, voter(n, "disk")));
    emptied.forEach(n -> answers.put("n" + n, voter(n, "other")));
    return new Census(
        IntStream.rangeClosed(1, voters).mapToObj(n -> voter(n, "disk")).toList(), answers);
  }

  @Test
  void majorityThatAnswers_isNoHindrance() {
    assertThat(of(3, List.of(1, 3), List.of(2)).hindrance()).isNull();
    assertThat(of(5, List.of(1, 2, 3), List.of()).hindrance()).isNull();
    assertThat(of(1, List.of(1), List.of()).hindrance()).isNull();
  }

  @Test
  void silentVoters_areNamedWithTheirAddresses_andAreToBeStarted() {
    assertThat(of(3, List.of(2), List.of()).hindrance())
        .isEqualTo(
            "2 of 3 voters are needed to decide anything, and there is only n2; no answer from n1"
                + " (host1:7200), n3 (host3:7200). Start 1 of n1, n3, with the data directories that"
                + " they had");
  }

  @Test
  void twoEmptiedDisksOfThree_cannotBeHelpedByStartingAnything() {
    assertThat(of(3, List.of(1), List.of(2, 3)).hindrance())
        .startsWith(
            "2 of 3 voters are needed to decide anything, and there is only n1; another disk than the"
                + " one that votes has n2, n3. Put back the data directory of 1 of n2, n3. --form does"
                + " not help")
        .contains("a new cluster, without it, begins");
  }

  @Test
  void emptiedDisksOfFive_areNoMatterWhileASilentOneCouldHelp() {
    assertThat(of(5, List.of(1, 2), List.of(3, 4)).hindrance())
        .contains("there are only n1, n2; no answer from n5 (host5:7200); another disk")
        .endsWith("Start n5, with the data directories that they had");
  }

  @Test
  void silentAndEmptied_whenBothAreNeeded_areBothNamed() {
    assertThat(of(5, List.of(1), List.of(2, 3, 4)).hindrance())
        .contains("Put back the data directory of 1 of n2, n3, n4, and start n5");
    assertThat(of(3, List.of(), List.of(1, 2, 3)).hindrance())
        .contains("there is none")
        .contains("Put back the data directories of 2 of n1, n2, n3.");
  }
}
