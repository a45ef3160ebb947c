package dev.limpet.cli.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class PeerTableTest {
  private static Sample sample(String contender, PeerCase which, int round, int window, int rate) {
    return new Sample(
        contender,
        which,
        round,
        new Figures(window, 1_000, rate, 10, 20, 0, OptionalDouble.of(48)),
        OptionalDouble.of(2));
  }

  @Test
  void median_isTheMiddle_orBetweenTheTwoInTheMiddle() {
    assertThat(PeerTable.median()).isEmpty();
    assertThat(PeerTable.median(3)).hasValue(3);
    assertThat(PeerTable.median(9, 1, 5)).hasValue(5);
    assertThat(PeerTable.median(8, 2, 4, 100)).hasValue(6);
  }

  @Test
  void ratio_isTheMedianOfTheRounds_notTheRatioOfMedians() {
    PeerTable table =
        new PeerTable(
            3,
            List.of(
                sample("limpet", PeerCase.LOCAL, 1, 256, 100),
                sample("pekko", PeerCase.LOCAL, 1, 256, 50),
                sample("limpet", PeerCase.LOCAL, 2, 256, 400),
                sample("pekko", PeerCase.LOCAL, 2, 256, 100),
                sample("limpet", PeerCase.LOCAL, 3, 256, 200),
                sample("pekko", PeerCase.LOCAL, 3, 256, 200)));
    // By rounds 2, 4 and 1; the medians are 200 and 100.
    assertThat(table.result()).isEqualTo("RESULT case=peers rounds=3 local-pekko=2.00");
    assertThat(table.lines())
        .satisfiesExactly(
            heading -> assertThat(heading).startsWith("case"),
            limpet ->
                assertThat(limpet.split(" +"))
                    .containsExactly(
                        "local", "256", "limpet", "200", "10.0", "20.0", "2.00", "48", "-", "3"),
            pekko ->
                assertThat(pekko.split(" +"))
                    .containsExactly(
                        "local", "256", "pekko", "100", "10.0", "20.0", "2.00", "48", "2.00", "3"));
  }

  @Test
  void ratio_isTakenOverTheRoundsThatBothWereIn() {
    PeerTable table =
        new PeerTable(
            2,
            List.of(
                sample("limpet", PeerCase.DURABLE, 1, 256, 900),
                sample("limpet", PeerCase.DURABLE, 2, 256, 300),
                sample("postgres", PeerCase.DURABLE, 2, 16, 100)));
    assertThat(table.result()).isEqualTo("RESULT case=peers rounds=2 durable-postgres=3.00");
  }

  @Test
  void oneCallAtATime_isARowOfItsOwn() {
    PeerTable table =
        new PeerTable(
            1,
            List.of(
                sample("erlang", PeerCase.REMOTE, 1, 256, 10),
                sample("erlang", PeerCase.REMOTE, 1, 1, 5),
                sample("limpet", PeerCase.REMOTE, 1, 256, 30),
                sample("limpet", PeerCase.REMOTE, 1, 1, 10)));
    assertThat(table.result())
        .isEqualTo("RESULT case=peers rounds=1 remote-erlang=3.00 remote-one-erlang=2.00");
    assertThat(table.lines()).hasSize(5);
  }
}
