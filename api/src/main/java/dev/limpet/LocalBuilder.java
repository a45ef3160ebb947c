package dev.limpet;

import dev.limpet.spi.Hosted;
import dev.limpet.spi.LimpetProvider;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Settings of one node in memory, for unit tests. Not thread-safe. */
public final class LocalBuilder implements Hosting {
  private final List<Hosted<?>> hosted = new ArrayList<>();
  private Clock clock = Clock.systemUTC();

  LocalBuilder() {}

  @Override
  public <P> LocalBuilder host(Class<P> type, ProcessFactory<? extends P> factory) {
    return host(type, factory, Options.DEFAULT);
  }

  @Override
  public <P> LocalBuilder host(
      Class<P> type, ProcessFactory<? extends P> factory, Options options) {
    hosted.add(new Hosted<>(type, factory, options));
    return this;
  }

  /** Lets processes see this time, and passivates idle ones as it advances. Deadlines stay in real time. */
  public LocalBuilder clock(VirtualClock value) {
    this.clock = value;
    return this;
  }

  public Limpet start() {
    return LimpetProvider.find().startLocal(List.copyOf(hosted), clock);
  }
}
