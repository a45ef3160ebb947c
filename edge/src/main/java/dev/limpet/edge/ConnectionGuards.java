package dev.limpet.edge;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All connections of an edge: counts them against their bound and closes those that take too long. Speaks HTTP/1.1
 * through Helidon, each connection behind a {@link ConnectionGuard}.
 */
final class ConnectionGuards implements ServerConnectionSelector, AutoCloseable {
  private static final long SWEEP_MILLIS = 100;

  private final EdgeSettings settings;
  private final Http1ConnectionSelector http;
  private final Set<ConnectionGuard> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);

  ConnectionGuards(EdgeSettings settings, Http1Config http) {
    this.settings = settings;
    this.http = Http1ConnectionSelector.builder().config(http).build();
    Thread sweeper = Thread.ofVirtual().name("limpet-http-sweeper").unstarted(this::sweep);
    sweeper.start();
  }

  /** Notes a connection; false if there are too many. */
  boolean opened(ConnectionGuard guard) {
    open.add(guard);
    return count.incrementAndGet() <= settings.connectionsMax();
  }

  void closed(ConnectionGuard guard) {
    open.remove(guard);
    count.decrementAndGet();
  }

  /** Open connections, refused ones included until they are closed. */
  int count() {
    return count.get();
  }

  @Override
  public ServerConnection connection(ConnectionContext ctx) {
    return new ConnectionGuard(this, settings, ctx, http::connection);
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    // the only protocol of this port: what is no HTTP gets an error in HTTP
    return Support.SUPPORTED;
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http.supportedApplicationProtocols();
  }

  private void sweep() {
    try {
      while (!closed.await(SWEEP_MILLIS, TimeUnit.MILLISECONDS)) {
        long now = System.nanoTime();
        for (ConnectionGuard guard : open) {
          guard.sweep(now);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
