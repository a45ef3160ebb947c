package dev.limpet.edge;

import dev.limpet.node.door.Door;
import dev.limpet.values.StickyType;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The edge's own meters. Labels come from small closed sets only: routes, hosted types, codes. Nothing that a client
 * writes ever becomes a label.
 */
final class EdgeMeters {
  static final String REQUESTS = "limpet.http.requests";

  /** The part of the edge that a request went to. */
  enum Route {
    CALL,
    ADMIN,
    WATCH,
    HEALTH,
    METRICS,
    NONE;

    private final String label = name().toLowerCase(java.util.Locale.ROOT);
  }

  private record Labels(Route route, String type, int status, String outcome) {}

  private final MeterRegistry registry;
  private final Map<String, String> types;
  private final ConcurrentHashMap<Labels, Timer> timers = new ConcurrentHashMap<>();

  EdgeMeters(MeterRegistry registry, Door door, ConnectionGuards connections, WatchRoute watchers) {
    this.registry = registry;
    this.types =
        door.types().stream()
            .map(StickyType::name)
            .collect(Collectors.toUnmodifiableMap(n -> n, n -> n));
    registry.gauge("limpet.http.connections", connections, ConnectionGuards::count);
    registry.gauge("limpet.http.watchers", watchers, WatchRoute::watching);
  }

  /** Counts and times one request. */
  void answered(Route route, @Nullable String type, int status, String outcome, long nanos) {
    String known = type == null ? null : types.get(type);
    Labels labels = new Labels(route, known == null ? "none" : known, status, outcome);
    timers.computeIfAbsent(labels, this::timer).record(Duration.ofNanos(nanos));
  }

  private Timer timer(Labels labels) {
    return Timer.builder(REQUESTS)
        .description("HTTP requests by route, hosted type, status and outcome")
        .tag("route", labels.route.label)
        .tag("type", labels.type)
        .tag("status", Integer.toString(labels.status))
        .tag("class", labels.status / 100 + "xx")
        .tag("outcome", labels.outcome)
        .serviceLevelObjectives(
            Duration.ofNanos(250_000),
            Duration.ofMillis(1),
            Duration.ofMillis(2),
            Duration.ofMillis(5),
            Duration.ofMillis(10),
            Duration.ofMillis(25),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofSeconds(1),
            Duration.ofMillis(2500),
            Duration.ofSeconds(10))
        .register(registry);
  }

  /** All meters of the registry as Prometheus text; null if it is no Prometheus registry. */
  @Nullable String scrape() {
    return registry instanceof PrometheusMeterRegistry prometheus ? prometheus.scrape() : null;
  }
}
