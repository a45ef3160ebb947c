package dev.limpet.examples;

import dev.limpet.Limpet;
import dev.limpet.LocalBuilder;
import dev.limpet.VirtualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The example application on one node in memory, with a clock that only the test moves. */
abstract class LocalLimpetTest {
  final VirtualClock clock = new VirtualClock();
  Limpet limpet;

  @BeforeEach
  void start() {
    LocalBuilder builder = Limpet.local().clock(clock);
    new ExampleApp().host(builder);
    limpet = builder.start();
  }

  @AfterEach
  void stop() {
    limpet.close();
  }
}
