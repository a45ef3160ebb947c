package dev.limpet.node.cluster;

import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.node.call.Cluster;
import dev.limpet.node.home.Async;
import dev.limpet.spi.RefusedPorts;
import dev.limpet.transport.Link;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.LinkState;
import dev.limpet.transport.ProbeAnswer;
import dev.limpet.transport.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Notices other members whose port is refused, and reports them to the ledger's leader. */
/*
 * To every member there is a connection; when its process dies the connection ends with it, within milliseconds. Only
 * then, and as long as no new one comes about, is the port tried. What is reported is the registration that the view held
 * before the attempt began, at the literal address in it (rule 6); an attempt that brings anything but a refusal is no
 * evidence of anything.
 */
public final class DeathWatch implements AutoCloseable {
  private static final long PERIOD_MILLIS = 40;
  private static final Duration PROBE_TIME = Duration.ofMillis(500);
  private static final long GREET_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Cluster cluster;
  private final Transport transport;
  private final RefusedPorts when;
  private final LongConsumer report;
  private final Set<Long> underWay = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("limpet-death-watch").factory());

  /**
   * Watches nobody yet.
   *
   * @param report told the registration whose port was refused, again and again while it is
   */
  public DeathWatch(Cluster cluster, Transport transport, RefusedPorts when, LongConsumer report) {
    this.cluster = cluster;
    this.transport = transport;
    this.when = when;
    this.report = report;
  }

  public void start() {
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(
            this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      Placement view = cluster.view();
      long self = cluster.registration();
      for (Member member : view.members().values()) {
        if (self != 0 && member.registration() != self) {
          look(member);
        }
      }
    } catch (RuntimeException e) {
      Async.failed("looking for dead nodes failed; it goes on", e);
    }
  }

  private void look(Member member) {
    InetSocketAddress address = Addresses.parse(member.clusterAddress());
    if (!when.believes(address.getAddress())) {
      return;
    }
    LinkState state = transport.link(address).state();
    if (state == LinkState.CONNECTED || state == LinkState.CONNECTING) {
      return;
    }
    if (underWay.add(member.registration())) {
      Thread unused =
          Thread.ofVirtual()
              .name("limpet-probe-" + member.name())
              .start(() -> {
                try {
                  probe(member.registration(), address);
                } finally {
                  underWay.remove(member.registration());
                }
              });
    }
  }

  private void probe(long registration, InetSocketAddress address) {
    switch (transport.probe(address, PROBE_TIME)) {
      case ProbeAnswer.REFUSED -> report.accept(registration);
      case ProbeAnswer.CONNECTED -> connect(address);
      case ProbeAnswer.NO_ANSWER -> {}
    }
  }

  /** Makes the connection whose end will be noticed. */
  private void connect(InetSocketAddress address) {
    try {
      Link link = transport.link(address);
      CompletableFuture<byte[]> unused =
          link.request(FrameKind.FORM_STATUS, new byte[0], System.nanoTime() + GREET_NANOS);
    } catch (LinkException e) {
      // Then at the next look.
      return;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
