package dev.limpet.ledger.ratis;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.SetConfigurationRequest;

/**
 * Changes who votes in a running group.
 *
 * <p>A voter to be added is started first, with no agreed voters ({@link RatisConfig#voters()} empty), and waits. Ratis
 * adds less than a majority at a time, so a group grows by one. A removed voter ends its replica by itself.
 */
final class Membership {
  private static final AtomicLong CALLS = new AtomicLong();

  private Membership() {}

  /** Replaces exactly these voters by those, through the leader's replica. */
  static CompletableFuture<Boolean> change(RatisLog leader, List<Voter> from, List<Voter> to) {
    var division = leader.division();
    if (division == null) {
      return CompletableFuture.completedFuture(false);
    }
    var arguments =
        SetConfigurationRequest.Arguments.newBuilder()
            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
            .setServersInCurrentConf(from.stream().map(Voter::peer).toList())
            .setServersInNewConf(to.stream().map(Voter::peer).toList())
            .build();
    try {
      return division
          .getRaftServer()
          .setConfigurationAsync(
              new SetConfigurationRequest(
                  leader.client(),
                  leader.self(),
                  leader.groupId(),
                  CALLS.decrementAndGet(),
                  arguments))
          .thenApply(reply -> reply.isSuccess());
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
