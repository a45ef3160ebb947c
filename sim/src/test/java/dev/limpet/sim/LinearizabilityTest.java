package dev.limpet.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.sim.Linearizability.Call;
import dev.limpet.sim.Linearizability.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The checker agrees with what others have found about histories of theirs, and with a search that leaves nothing out. */
class LinearizabilityTest {
  private static final int NIL = -1;
  private static final int STEPS = 10_000_000;

  /** A register: read, write, compare and set; {@code ok} null if nobody knows what was answered. */
  private record Act(char kind, int from, int to, @Nullable Boolean ok) {
    static Act read(int value) {
      return new Act('r', value, 0, true);
    }

    static Act write(int value) {
      return new Act('w', 0, value, true);
    }

    @Nullable Integer after(Integer state) {
      return switch (kind) {
        case 'r' -> ok == null || state == from ? state : null;
        case 'w' -> (Integer) to;
        case 'c' -> ok == null || ok == (state == from) ? state == from ? to : state : null;
        default -> throw new AssertionError(kind);
      };
    }
  }

  private static Call<Act> call(long from, long to, Act act) {
    return new Call<>(from, to, act);
  }

  private static Verdict check(int initial, List<Call<Act>> history) {
    return Linearizability.check(initial, (s, a) -> a.after(s), history, STEPS);
  }

  // The examples of MIT 6.824's quiz 2 of 2017, which Porcupine's tests use too.

  @Test
  void overlappingReads_ofTheNewAndThenTheOldValue_areFine() {
    assertThat(
            check(
                0,
                List.of(
                    call(0, 100, Act.write(100)),
                    call(25, 75, Act.read(100)),
                    call(30, 60, Act.read(0)))))
        .isEqualTo(Verdict.YES);
  }

  @Test
  void readOfTheOldValue_afterOneOfTheNew_isNot() {
    assertThat(
            check(
                0,
                List.of(
                    call(0, 100, Act.write(200)),
                    call(10, 30, Act.read(200)),
                    call(40, 90, Act.read(0)))))
        .isEqualTo(Verdict.NO);
  }

  @Test
  void callsThatTakeNoTime() {
    assertThat(
            check(
                0,
                List.of(
                    call(0, 100, Act.write(100)),
                    call(25, 75, Act.read(100)),
                    call(30, 30, Act.read(0)),
                    call(30, 30, Act.read(0)))))
        .isEqualTo(Verdict.YES);
    assertThat(
            check(
                0,
                List.of(
                    call(0, 100, Act.write(200)),
                    call(10, 10, Act.read(200)),
                    call(10, 10, Act.read(200)),
                    call(40, 90, Act.read(0)))))
        .isEqualTo(Verdict.NO);
  }

  /**
   * The history that Jepsen recorded of etcd as number 2 of those that Porcupine is tested with; known to be linearizable.
   * Each word is process, i(nvoke) o(k) f(ail), and the operation; the many that timed out are only invoked.
   */
  private static final String ETCD_2 =
      """
      4ir 4or- 1iw1 2ic24 3ic12 0ic14 1ow 0fc 2oc 3oc 4iw0 4ow 1iw2 1ow 0ir 0or2 2ic02 3ic23 2fc 3oc 4ir 4or3 1iw3 1ow
      0iw2 2iw0 0ow 2ow 3ic04 3oc 4ic34 4fc 1iw1 0iw3 0ow 1ow 2ir 2or3 3ir 3or3 4ir 4or3 0ic43 0fc 1ic22 2iw3 1fc 3iw2
      4iw2 4ow 0ic14 0fc 1iw3 1ow 4ic30 4oc 0ir 0or0 7ic31 1iw1 8ir 8or3 4ic40 1ow 0iw2 0ow 4fc 8ic40 1iw0 1ow 0iw4 0ow
      12iw4 4ir 4or4 1ir 1or4 0iw2 0ow 4ic30 4fc 13iw3 1iw0 17ir 0ic21 17or3 4iw1 17ic01 18ir 18or3 6iw3 5iw2 9ic22 18iw4
      22iw1 11iw3 10ic11 14iw0 11ow 23ic44 14ow 10fc 23fc 27iw1 11iw2 11ow 14ic12 10ir 10or2 14fc 23ir 23or0 11iw1 11ow
      10ir 10or1 14iw2 23ic23 32ic21 14ow 11iw4 11ow 10ic11 10fc 14iw4 14ow 11ic24 11fc 10ir 10or4 28ir 28or0 37iw3 14ir
      14or4\
      """;

  private static List<Call<Act>> parsed(String text) {
    String[] words = text.split("\\s+");
    List<Call<Act>> calls = new ArrayList<>();
    Map<Integer, Integer> begun = new TreeMap<>();
    for (int i = 0; i < words.length; i++) {
      String process = words[i].replaceFirst("[iof].*", "");
      int who = Integer.parseInt(process);
      String rest = words[i].substring(process.length());
      char kind = rest.charAt(1);
      String args = rest.substring(2);
      if (rest.charAt(0) == 'i') {
        begun.put(who, i);
        continue;
      }
      int at = begun.remove(who);
      calls.add(call(at, i, act(kind, words[at], args, rest.charAt(0) == 'o')));
    }
    begun.forEach((who, at) -> {
      String word = words[at];
      calls.add(
          call(
              at,
              Linearizability.NEVER,
              act(word.replaceFirst("\\d+i", "").charAt(0), word, "", null)));
    });
    return calls;
  }

  private static Act act(char kind, String invoked, String answer, @Nullable Boolean ok) {
    String args = invoked.replaceFirst("\\d+i.", "");
    return switch (kind) {
      case 'r' ->
          new Act(
              'r', answer.isEmpty() || answer.equals("-") ? NIL : Integer.parseInt(answer), 0, ok);
      case 'w' -> Act.write(Integer.parseInt(args));
      default -> new Act('c', args.charAt(0) - '0', args.charAt(1) - '0', ok);
    };
  }

  @Test
  void jepsensHistoryOfEtcd_withManyTimeouts_isLinearizable() {
    assertThat(check(NIL, parsed(ETCD_2))).isEqualTo(Verdict.YES);
  }

  @Test
  void theSame_withOneReadOfWhatWasNotThere_isNot() {
    assertThat(check(NIL, parsed(ETCD_2.replace("0or2 2ic02", "0or1 2ic02"))))
        .isEqualTo(Verdict.NO);
    assertThat(check(NIL, parsed(ETCD_2.replace("2or3 3ir", "2or2 3ir")))).isEqualTo(Verdict.NO);
  }

  @Test
  void tooLongASearch_isUnknown_notYes() {
    assertThat(Linearizability.<Integer, Act>check(NIL, (s, a) -> a.after(s), parsed(ETCD_2), 20))
        .isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void writeWithoutAnAnswer_mayTakeEffectLateOrNever() {
    Call<Act> open = call(0, Linearizability.NEVER, Act.write(7));
    assertThat(check(0, List.of(open, call(10, 20, Act.read(0)), call(30, 40, Act.read(7)))))
        .isEqualTo(Verdict.YES);
    assertThat(check(0, List.of(open, call(10, 20, Act.read(7)), call(30, 40, Act.read(0)))))
        .isEqualTo(Verdict.NO);
    assertThat(check(0, List.of(open, call(10, 20, Act.read(0))))).isEqualTo(Verdict.YES);
  }

  @Test
  void smallRandomHistories_areJudgedAsByTryingEveryOrder() {
    int[] verdicts = new int[2];
    for (long seed = 1; seed <= 3_000; seed++) {
      Random random = new Random(seed);
      List<Call<Act>> history = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        long from = random.nextInt(12);
        long to = random.nextInt(8) == 0 ? Linearizability.NEVER : from + random.nextInt(6);
        Act act =
            switch (random.nextInt(3)) {
              case 0 -> Act.read(random.nextInt(3));
              case 1 -> Act.write(random.nextInt(3));
              default -> new Act('c', random.nextInt(3), random.nextInt(3), random.nextBoolean());
            };
        history.add(call(from, to, act));
      }
      boolean possible = anyOrder(0, history);
      verdicts[possible ? 1 : 0]++;
      assertThat(check(0, history))
          .as("seed " + seed + ": " + history)
          .isEqualTo(possible ? Verdict.YES : Verdict.NO);
    }
    assertThat(verdicts[0]).isGreaterThan(300);
    assertThat(verdicts[1]).isGreaterThan(300);
  }

  private static boolean anyOrder(Integer state, List<Call<Act>> left) {
    if (left.stream().allMatch(c -> c.answeredAt() == Linearizability.NEVER)) {
      return true;
    }
    long firstAnswer = left.stream().mapToLong(Call::answeredAt).min().orElseThrow();
    for (Call<Act> c : left) {
      Integer after = c.invokedAt() <= firstAnswer ? c.action().after(state) : null;
      if (after != null) {
        List<Call<Act>> rest = new ArrayList<>(left);
        rest.remove(c);
        if (anyOrder(after, rest)) {
          return true;
        }
      }
    }
    return false;
  }
}
