package dev.limpet.cli.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TranscriptTest {
  private static final String RESULT =
      "RESULT window=256 calls=1000 rate=500/s p50=12.5us p99=80us failed=2 alloc=64B";

  private long cpuNanos;
  private final Transcript transcript = new Transcript(() -> cpuNanos);

  @Test
  void result_isRead() {
    assertThat(Figures.parse(RESULT))
        .contains(new Figures(256, 1000, 500, 12.5, 80, 2, OptionalDouble.of(64)));
    assertThat(Figures.parse(RESULT.replace(" alloc=64B", " more=1")))
        .contains(new Figures(256, 1000, 500, 12.5, 80, 2, OptionalDouble.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RESULT window=256",
        "RESULT window=256 calls=1000 rate=500 p50=12.5us p99=80us failed=2",
        "RESULT window=256 calls=1000 rate=500/s p50=12.5ms p99=80us failed=2",
        "RESULT window=256 calls=many rate=500/s p50=12.5us p99=80us failed=2",
        "the RESULT window=256 calls=1000 rate=500/s p50=12.5us p99=80us failed=2"
      })
  void otherLine_isNoResult(String line) {
    assertThat(Figures.parse(line)).isEmpty();
  }

  @Test
  void measure_begins() {
    assertThat(Figures.begun("MEASURE window=16")).isEqualTo(OptionalInt.of(16));
    assertThat(Figures.begun("MEASURE window=x")).isEmpty();
    assertThat(Figures.begun("MEASURED window=16")).isEmpty();
  }

  @Test
  void processorTime_isThatBetweenTheTwoLines() {
    cpuNanos = 7_000_000;
    transcript.read("MEASURE window=256");
    cpuNanos += 3_000_000;
    transcript.read(RESULT);
    cpuNanos += 9_000_000;
    transcript.read("RESULT case=local window=256 rate=500/s");
    assertThat(transcript.measured())
        .singleElement()
        .satisfies(it -> {
          assertThat(it.cpuMicrosEach()).hasValue(3);
          assertThat(it.figures().rate()).isEqualTo(500);
        });
  }

  @Test
  void resultOfAnotherWindow_orWithoutABeginning_doesNotCount() {
    transcript.read(RESULT);
    transcript.read("MEASURE window=1");
    transcript.read(RESULT);
    assertThat(transcript.measured()).isEmpty();
    assertThat(transcript.lastWords()).containsExactly(RESULT, RESULT);
  }

  @Test
  void timesOfChildrenThatWereWaitedFor_areInTheProcessorTime() {
    String stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 1 2 3 4 10 20 300 4000 20 0 1 0 99 0 0";
    assertThat(ProcessTree.ticks(stat)).isEqualTo(4_330);
  }
}
