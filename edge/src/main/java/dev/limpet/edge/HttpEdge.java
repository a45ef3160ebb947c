package dev.limpet.edge;

import dev.limpet.node.door.Door;
import dev.limpet.node.door.EdgeProvider;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicBoolean;

/** An open HTTP edge on Helidon: one listener, HTTP/1.1, a virtual thread for each connection. Thread-safe. */
final class HttpEdge implements EdgeProvider.Edge {
  /** Beyond the bound, so many more connections are accepted to be told so; what comes then waits in the backlog. */
  private static final int CONNECTIONS_REFUSED_MAX = 64;

  private final BindAddress address;
  private final WebServer server;
  private final ConnectionGuards guards;
  private final WatchRoute watch;
  private final Entry entry;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HttpEdge(
      BindAddress address,
      WebServer server,
      ConnectionGuards guards,
      WatchRoute watch,
      Entry entry) {
    this.address = address;
    this.server = server;
    this.guards = guards;
    this.watch = watch;
    this.entry = entry;
  }

  static HttpEdge open(
      BindAddress address, Door door, MeterRegistry registry, EdgeSettings settings) {
    address.check();
    Http1Config http =
        Http1Config.builder()
            .maxPrologueLength(settings.headBytesMax())
            .maxHeadersSize(settings.headBytesMax())
            // PathSegments reads the path itself
            .validatePath(false)
            .validatePrologue(false)
            .validateRequestHeaders(true)
            .validateResponseHeaders(true)
            .build();
    ConnectionGuards guards = new ConnectionGuards(settings, http);
    WatchRoute watch = new WatchRoute(door, settings);
    Entry entry = new Entry(door, settings, watch, new EdgeMeters(registry, door, guards, watch));
    WebServer server =
        WebServer.builder()
            .bindAddress(address.socket())
            .shutdownHook(false)
            .addConnectionSelector(guards)
            .protocolsDiscoverServices(false)
            .featuresDiscoverServices(false)
            .contentEncoding(
                ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build())
            .maxPayloadSize(settings.bodyBytesMax())
            .maxTcpConnections(settings.connectionsMax() + CONNECTIONS_REFUSED_MAX)
            .maxConcurrentRequests(settings.requestsMax())
            .shutdownGracePeriod(settings.closeGrace())
            .directHandlers(ServerProblems.handlers())
            .connectionOptions(options -> options.tcpNoDelay(true))
            .addRouting(HttpRouting.builder().addFilter(entry))
            .build();
    try {
      server.start();
    } catch (RuntimeException e) {
      guards.close();
      throw e;
    }
    if (!server.isRunning()) {
      guards.close();
      throw address.inUse();
    }
    return new HttpEdge(address, server, guards, watch, entry);
  }

  @Override
  public String address() {
    return address.text(server.port());
  }

  @Override
  public void serving() {
    entry.serving();
  }

  @Override
  public void leaving() {
    entry.closing();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      entry.closing();
      watch.close();
      server.stop();
      guards.close();
    }
  }
}
