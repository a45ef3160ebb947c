package dev.limpet.edge;

import dev.limpet.node.door.Door;
import dev.limpet.node.door.EdgeProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** Opens {@link HttpEdge HTTP edges}; found by {@link java.util.ServiceLoader}. */
public final class HttpEdgeProvider implements EdgeProvider {
  private final EdgeSettings settings;

  /** With {@link EdgeSettings#DEFAULT}. */
  public HttpEdgeProvider() {
    this(EdgeSettings.DEFAULT);
  }

  public HttpEdgeProvider(EdgeSettings settings) {
    this.settings = settings;
  }

  @Override
  public MeterRegistry registry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  @Override
  public Edge open(String address, boolean insecure, Door door, MeterRegistry registry) {
    return HttpEdge.open(BindAddress.of(address, insecure), door, registry, settings);
  }
}
