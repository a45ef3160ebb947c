package dev.limpet.core.voters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.core.voters.VoterPlanner.Change;
import dev.limpet.core.voters.VoterPlanner.Seat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VoterPlannerTest {
  private final Set<String> known = new TreeSet<>(List.of("a", "b", "c", "d", "e", "f"));
  private final List<Seat> unsettled = new ArrayList<>();
  private final List<Seat> gone = new ArrayList<>();

  private static Seat seat(String text) {
    return new Seat(text.substring(0, 1), text.length() > 1 ? text : text + "1");
  }

  private static List<Seat> seats(String... texts) {
    return Arrays.stream(texts).map(VoterPlannerTest::seat).toList();
  }

  private @Nullable Change next(List<Seat> voters, List<Seat> members) {
    return VoterPlanner.next(
        voters, members, known, m -> !unsettled.contains(m), v -> gone.contains(v));
  }

  @Test
  void threeVoters_ofFourMembers_stay() {
    assertThat(next(seats("a", "b", "c"), seats("a", "b", "c", "d"))).isNull();
  }

  @Test
  void fiveMembers_withThreeVoters_getTheLongestMemberFirst() {
    assertThat(next(seats("a", "b", "c"), seats("a", "b", "c", "e", "d")))
        .isEqualTo(new Change(seat("e"), null));
    assertThat(next(seats("a", "b", "c", "e"), seats("a", "b", "c", "e", "d")))
        .isEqualTo(new Change(seat("d"), null));
    assertThat(next(seats("a", "b", "c", "e", "d"), seats("a", "b", "c", "e", "d", "f"))).isNull();
  }

  @Test
  void oneVoter_ofThreeMembers_growsStepByStep() {
    assertThat(next(seats("a"), seats("a", "b"))).isNull();
    assertThat(next(seats("a"), seats("a", "b", "c"))).isEqualTo(new Change(seat("b"), null));
    assertThat(next(seats("a", "b"), seats("a", "b", "c"))).isEqualTo(new Change(seat("c"), null));
  }

  @Test
  void newMember_thatHasNotSettled_isNoCandidate() {
    unsettled.add(seat("d"));
    assertThat(next(seats("a", "b", "c"), seats("a", "b", "c", "d", "e")))
        .isEqualTo(new Change(seat("e"), null));
  }

  @Test
  void deadVoter_isReplacedOnlyWhenItIsGoneForAWhileAndThereIsACandidate() {
    assertThat(next(seats("a", "b", "c"), seats("a", "b", "d"))).isNull();
    gone.add(seat("c"));
    assertThat(next(seats("a", "b", "c"), seats("a", "b", "d")))
        .isEqualTo(new Change(seat("d"), seat("c")));
    assertThat(next(seats("a", "b", "c"), seats("a", "b"))).isNull();
  }

  @Test
  void emptiedVoter_withoutAnotherCandidate_isRemovedBeforeItVotesAgain() {
    assertThat(next(seats("a", "b", "c1"), seats("a", "b", "c2")))
        .isEqualTo(new Change(null, seat("c1")));
    assertThat(next(seats("a", "b"), seats("a", "b", "c2")))
        .isEqualTo(new Change(seat("c2"), null));
  }

  @Test
  void emptiedVoter_withACandidate_isReplacedByIt() {
    assertThat(next(seats("a", "b", "c1"), seats("a", "b", "c2", "d")))
        .isEqualTo(new Change(seat("d"), seat("c1")));
  }

  @Test
  void twoEmptiedOfFive_areRepairedOneAtATime() {
    List<Seat> members = seats("a", "b", "c", "d2", "e2");
    assertThat(next(seats("a", "b", "c", "d1", "e1"), members))
        .isEqualTo(new Change(null, seat("d1")));
    assertThat(next(seats("a", "b", "c", "e1"), members))
        .isEqualTo(new Change(seat("d2"), seat("e1")));
    assertThat(next(seats("a", "b", "c", "d2"), members)).isEqualTo(new Change(seat("e2"), null));
    assertThat(next(seats("a", "b", "c", "d2", "e2"), members)).isNull();
  }

  @Test
  void fiveVoters_whenTwoAreGoneForAWhile_shrink() {
    gone.addAll(seats("d", "e"));
    assertThat(next(seats("a", "b", "c", "d", "e"), seats("a", "b", "c")))
        .isEqualTo(new Change(null, seat("d")));
    assertThat(next(seats("a", "b", "c", "e"), seats("a", "b", "c")))
        .isEqualTo(new Change(null, seat("e")));
  }

  @Test
  void firstNode_thatHasNotJoinedYet_keepsItsVote() {
    known.removeAll(List.of("b", "c"));
    assertThat(next(seats("a", "b", "c"), seats("a"))).isNull();
  }

  @Test
  void forgottenVoter_thatIsGoneForAWhile_isRemovedWithoutACandidate() {
    known.remove("c");
    gone.add(seat("c"));
    assertThat(next(seats("a", "b", "c"), seats("a", "b"))).isEqualTo(new Change(null, seat("c")));
  }

  @Test
  void lastVoter_isNeverRemoved() {
    known.remove("a");
    gone.add(seat("a"));
    assertThat(next(seats("a"), List.of())).isNull();
  }
}
