package dev.limpet.examples;

import dev.limpet.Hosting;
import dev.limpet.LimpetApp;
import java.time.Duration;

/** The application that comes with the distribution: {@code counter}, {@code wallet}, {@code limiter}, {@code visits}. */
public final class ExampleApp implements LimpetApp {
  private static final long PERMITS_PER_WINDOW = 100;
  private static final Duration WINDOW = Duration.ofHours(1);

  @Override
  public String name() {
    return "examples";
  }

  @Override
  public void host(Hosting hosting) {
    hosting
        .host(Counter.class, CounterProcess::new)
        .host(Wallet.class, WalletProcess::new)
        .host(Limiter.class, self -> new LimiterProcess(self, PERMITS_PER_WINDOW, WINDOW))
        .host(Visits.class, VisitsProcess::new);
  }
}
