package dev.limpet.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClockAgentTest {
  private static final long HOUR = 3_600_000;

  /** Asks for the time in both ways. */
  public static final class Asker implements LongSupplier {
    /** Public, since the turned one belongs to another loader. */
    public Asker() {}

    @Override
    public long getAsLong() {
      long earlier = Math.min(System.currentTimeMillis(), Instant.now().toEpochMilli());
      return System.nanoTime() == 0 ? 0 : earlier;
    }
  }

  @AfterEach
  void setRight() {
    ShiftedClock.shift(0);
  }

  @Test
  void turnedClass_readsTheShiftedClock_andItsOriginalTheMachines() throws Exception {
    byte[] turned = ClockAgent.turned(code(Asker.class), Asker.class.getClassLoader());
    assertThat(turned).isNotNull();
    LongSupplier shifted =
        (LongSupplier)
            new ClassLoader(getClass().getClassLoader()) {
              Class<?> define() {
                return defineClass(Asker.class.getName(), turned, 0, turned.length);
              }
            }.define().getDeclaredConstructor().newInstance();
    ShiftedClock.shift(HOUR);
    long before = System.currentTimeMillis();
    assertThat(shifted.getAsLong()).isBetween(before + HOUR, before + HOUR + 60_000);
    assertThat(new Asker().getAsLong()).isBetween(before, before + 60_000);
  }

  @Test
  void classThatDoesNotAsk_staysAsItIs() throws Exception {
    byte @Nullable [] turned = ClockAgent.turned(code(Folder.class), getClass().getClassLoader());
    assertThat(turned).isNull();
  }

  /** Asks for no time. */
  interface Folder {}

  private static byte[] code(Class<?> type) throws IOException {
    String name = type.getName().replace('.', '/') + ".class";
    try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
