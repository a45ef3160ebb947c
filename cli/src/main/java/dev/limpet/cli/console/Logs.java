package dev.limpet.cli.console;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/** The log of a command that runs nodes: one line an event on stderr; of the engines below, warnings only, and few. */
public final class Logs {
  private static final String SETTINGS =
      """
      handlers=java.util.logging.ConsoleHandler
      java.util.logging.ConsoleHandler.level=ALL
      java.util.logging.ConsoleHandler.filter=dev.limpet.cli.console.LogFlood
      java.util.logging.SimpleFormatter.format=%1$tF %1$tT.%1$tL %4$-7s %3$s: %5$s%6$s%n
      .level=WARNING
      dev.limpet.level=INFO
      """;

  private Logs() {}

  /** Sets the log up, unless the user has done so with {@code java.util.logging.config.file}. */
  public static void setUp() {
    if (System.getProperty("java.util.logging.config.file") != null) {
      return;
    }
    try {
      LogManager.getLogManager()
          .readConfiguration(
              new ByteArrayInputStream(SETTINGS.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
