package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.engine.Applied;
import dev.limpet.engine.LogException;
import dev.limpet.engine.NotLeaderException;
import dev.limpet.engine.Proposer;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.node.home.Async;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Proposes to one replicated log from any node: here if this replica leads, else at the node that does. */
public final class GroupProposer implements Proposer {
  private static final long PAUSE_MILLIS = 25;
  private static final long ATTEMPT_NANOS_MAX = TimeUnit.SECONDS.toNanos(3);

  private final int group;
  private final String self;
  private final ReplicatedLog log;
  private final Voters voters;
  private final Transport transport;

  public GroupProposer(
      int group, String self, ReplicatedLog log, Voters voters, Transport transport) {
    this.group = group;
    this.self = self;
    this.log = log;
    this.voters = voters;
    this.transport = transport;
  }

  @Override
  public CompletableFuture<Applied> propose(byte[] entry, Duration timeout) {
    CompletableFuture<Applied> result = new CompletableFuture<>();
    long until = System.nanoTime() + timeout.toNanos();
    Thread unused =
        Thread.startVirtualThread(() -> {
          try {
            result.complete(propose(entry, until));
          } catch (LogException e) {
            result.completeExceptionally(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result.completeExceptionally(new LogException("interrupted", true, e));
          } catch (RuntimeException e) {
            result.completeExceptionally(new LogException("could not be proposed: " + e, true, e));
          }
        });
    return result;
  }

  private Applied propose(byte[] entry, long until) throws InterruptedException {
    boolean mayHaveRun = false;
    String last = "no leader was found";
    while (System.nanoTime() - until < 0) {
      try {
        String leader = log.leadership().leader();
        if (log.leadership().self() || self.equals(leader)) {
          return here(entry, until);
        }
        InetSocketAddress address = leader == null ? null : voters.address(leader);
        if (address != null) {
          return there(address, entry, until);
        }
      } catch (LogException e) {
        mayHaveRun |= e.mayHaveRun();
        last = String.valueOf(e.getMessage());
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new LogException("not applied in time: " + last, mayHaveRun);
  }

  private Applied here(byte[] entry, long until) throws InterruptedException {
    try {
      long nanos = Math.min(until - System.nanoTime(), ATTEMPT_NANOS_MAX);
      return log.append(entry).get(nanos, TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LogException l ? l : new LogException("append failed", true, e);
    } catch (TimeoutException e) {
      throw new LogException("the append brought no answer", true, e);
    }
  }

  private Applied there(InetSocketAddress leader, byte[] entry, long until) {
    byte[] body = new ByteWriter(entry.length + 8).u8(group).raw(entry).toBytes();
    byte[] answer;
    try {
      long nanos = Math.min(until - System.nanoTime(), ATTEMPT_NANOS_MAX);
      answer = transport.link(leader).call(FrameKind.PROPOSE, body, Math.max(1, nanos));
    } catch (LinkException e) {
      throw new LogException("the leader did not answer: " + e.getMessage(), e.mayHaveRun(), e);
    }
    ByteReader in = new ByteReader(answer);
    return switch (in.u8()) {
      case 1 -> new Applied(in.number(), in.rest());
      case 2 -> throw new NotLeaderException(null);
      default -> throw new LogException("the leader could not append: " + in.text(4096), in.bool());
    };
  }

  /** Answers {@link FrameKind#PROPOSE} for this group; the group's number was read already. */
  public void serve(Inbound request, byte[] entry) {
    Async.whenDone(
        log.append(entry), (applied, failure) -> request.reply(encode(applied, failure)));
  }

  private static byte[] encode(@Nullable Applied applied, @Nullable Throwable failure) {
    if (applied != null) {
      return new ByteWriter(applied.reply().length + 12)
          .u8(1)
          .number(applied.index())
          .raw(applied.reply())
          .toBytes();
    }
    Throwable cause = failure == null ? null : Async.cause(failure);
    if (cause instanceof NotLeaderException) {
      return new ByteWriter().u8(2).toBytes();
    }
    boolean mayHaveRun = !(cause instanceof LogException l) || l.mayHaveRun();
    String text = String.valueOf(cause);
    return new ByteWriter()
        .u8(3)
        .text(text.substring(0, Math.min(1000, text.length())))
        .bool(mayHaveRun)
        .toBytes();
  }
}
