package dev.limpet.node;

import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.cluster.VoterDuties;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** In place of the two groups, for a test that is to know who may lead: the first voters stay, however long they are away. */
final class FixedVoters implements VoterDuties.Groups {
  static Seams in(Seams seams) {
    return seams.withGroups(real -> new FixedVoters());
  }

  @Override
  public boolean led() {
    return false;
  }

  @Override
  public @Nullable List<Voter> ledger() {
    return null;
  }

  @Override
  public @Nullable List<Voter> store() {
    return null;
  }

  @Override
  public CompletableFuture<Boolean> changeLedger(List<Voter> from, List<Voter> to) {
    return CompletableFuture.completedFuture(false);
  }

  @Override
  public CompletableFuture<Boolean> changeStore(List<Voter> from, List<Voter> to) {
    return CompletableFuture.completedFuture(false);
  }

  @Override
  public CompletableFuture<?> seat(Voter voter) {
    return CompletableFuture.completedFuture(null);
  }
}
