package dev.limpet.node.cluster;

import dev.limpet.core.forming.Founder;
import dev.limpet.core.voters.Census;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.transport.Transport;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Says which voters are missing, while nobody leads the ledger. Thread-safe. */
/*
 * A node that belongs to a cluster waits for a majority of its voters, be it for ever: only they know what was decided.
 * Who waits deserves to be told for whom; so each voter is asked who it is, which it answers from its first moment on,
 * whether or not it takes part.
 */
public final class VoterWatch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(VoterWatch.class.getName());
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long REPEAT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Founder self;
  private final Voters voters;
  private final Transport transport;
  private final BooleanSupplier led;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("limpet-voter-watch").factory());

  // Touched by the one thread only.
  private boolean leaderless;
  private @Nullable String told;
  private long toldAt;

  /**
   * Watches nothing yet.
   *
   * @param self this node with the disk that it has
   * @param led whether a leader of the ledger is known
   */
  public VoterWatch(Founder self, Voters voters, Transport transport, BooleanSupplier led) {
    this.self = self;
    this.voters = voters;
    this.transport = transport;
    this.led = led;
  }

  public void start() {
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::look, LOOK_NANOS, LOOK_NANOS, TimeUnit.NANOSECONDS);
  }

  private void look() {
    try {
      if (led.getAsBoolean()) {
        leaderless = false;
        if (told != null) {
          told = null;
          LOG.log(Level.INFO, "node {0}: a majority of the voters decides again", self.node());
        }
      } else if (!leaderless) {
        leaderless = true; // An election takes less time than that.
      } else {
        tell(census().hindrance());
      }
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "asking the voters failed; they are asked again", e);
    }
  }

  private void tell(@Nullable String hindrance) {
    long now = System.nanoTime();
    if (hindrance != null && (!hindrance.equals(told) || now - toldAt > REPEAT_NANOS)) {
      told = hindrance;
      toldAt = now;
      LOG.log(
          Level.WARNING,
          "node {0} waits for a majority of the voters: {1}",
          self.node(),
          hindrance);
    }
  }

  private Census census() {
    List<Founder> all =
        voters.all().stream().map(v -> new Founder(v.node(), v.storageId(), v.address())).toList();
    Map<String, CompletableFuture<byte[]>> asked = new HashMap<>();
    Map<String, Founder> answers = new HashMap<>();
    long until = System.nanoTime() + ANSWER_NANOS;
    for (Voter voter : voters.all()) {
      if (voter.node().equals(self.node())) {
        answers.put(self.node(), self);
      } else {
        asked.put(
            voter.node(),
            transport
                .link(Addresses.parse(voter.address()))
                .request(FrameKind.FORM_STATUS, new byte[0], until));
      }
    }
    asked.forEach((node, answer) -> {
      byte[] body = await(answer);
      if (body != null) {
        answers.put(node, FormingWire.acceptor(body).self());
      }
    });
    return new Census(all, answers);
  }

  private static byte @Nullable [] await(CompletableFuture<byte[]> answer) {
    try {
      return answer.handle((body, failure) -> body).get(2 * ANSWER_NANOS, TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
