package dev.limpet.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogFloodTest {
  private static final String ENGINE = "org.apache.ratis.grpc.server.GrpcLogAppender";
  private final LogFlood flood = new LogFlood();

  @Test
  void linesBeyondTheTenthInTenSeconds_areLeftOut_andTheNextOneSaysHowMany() {
    for (int i = 0; i < LogFlood.LINES_MAX; i++) {
      assertThat(flood.isLoggable(line(ENGINE, Level.WARNING, 100L * i))).isTrue();
    }
    for (int i = 0; i < 7; i++) {
      assertThat(flood.isLoggable(line(ENGINE, Level.WARNING, 2_000 + i))).isFalse();
    }
    LogRecord next = line(ENGINE, Level.WARNING, LogFlood.WINDOW_MILLIS);
    assertThat(flood.isLoggable(next)).isTrue();
    assertThat(next.getMessage()).isEqualTo("(7 lines of this logger were left out) it failed");
    LogRecord last = line(ENGINE, Level.WARNING, LogFlood.WINDOW_MILLIS + 1);
    assertThat(flood.isLoggable(last)).isTrue();
    assertThat(last.getMessage()).isEqualTo("it failed");
  }

  @Test
  void otherLevelsAndLoggers_haveTheirOwnTen_andOurOwnLinesAllPass() {
    for (int i = 0; i < LogFlood.LINES_MAX; i++) {
      assertThat(flood.isLoggable(line(ENGINE, Level.WARNING, i))).isTrue();
    }
    assertThat(flood.isLoggable(line(ENGINE, Level.WARNING, 20))).isFalse();
    assertThat(flood.isLoggable(line(ENGINE, Level.SEVERE, 20))).isTrue();
    assertThat(flood.isLoggable(line("org.apache.ratis.server.impl", Level.WARNING, 20))).isTrue();
    for (int i = 0; i < 3 * LogFlood.LINES_MAX; i++) {
      assertThat(flood.isLoggable(line("dev.limpet.node.cluster", Level.WARNING, i))).isTrue();
    }
  }

  @Test
  void clockThatIsSetBack_beginsANewWindow() {
    for (int i = 0; i < LogFlood.LINES_MAX + 1; i++) {
      flood.isLoggable(line(ENGINE, Level.WARNING, 50_000));
    }
    assertThat(flood.isLoggable(line(ENGINE, Level.WARNING, 1_000))).isTrue();
  }

  private static LogRecord line(String logger, Level level, long millis) {
    LogRecord line = new LogRecord(level, "it failed");
    line.setLoggerName(logger);
    line.setInstant(Instant.ofEpochMilli(millis));
    return line;
  }
}
