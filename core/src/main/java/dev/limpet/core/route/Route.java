package dev.limpet.core.route;

import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;

/** Where a call goes, as one node sees it. */
public sealed interface Route {
  /** To a turn on this node. */
  record Here(long epoch) implements Route {}

  /** To another node. */
  record There(Member home, long epoch) implements Route {}

  /** Nowhere yet: look again when the view or the shard has changed. */
  record Wait(Why why) implements Route {}

  /** Why a call waits. */
  enum Why {
    NOT_FORMED("this node has no view of a formed cluster"),
    NOT_HOSTED("this node has no view yet in which the cluster hosts the type"),
    NO_HOME("the shard has no home: no member is left to be one"),
    NO_ROLE("no member holds the role of the process's type"),
    OPENING("the new home is opening the shard"),
    MOVING("the shard is moving to its next home");

    private final String text;

    Why(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /**
   * Decides. A node without a valid lease refuses calls for its own shards itself, when the turn would begin; it may
   * still pass calls on.
   *
   * @param shard negative while it is not known
   * @param registration this node's, or 0
   * @param tenure what the shard is to this node
   * @param inChain whether the call comes out of a turn of the same shard, which a freeze lets in (rule 16)
   */
  static Route of(Placement view, int shard, long registration, Tenure tenure, boolean inChain) {
    if (!view.formed()) {
      return new Wait(Why.NOT_FORMED);
    }
    if (shard < 0) {
      return new Wait(Why.NOT_HOSTED);
    }
    ShardHome at = view.at(shard);
    if (at == null) {
      return new Wait(Why.MOVING);
    }
    Member home = view.members().get(at.home());
    if (home == null) {
      return new Wait(view.roleOf(shard).isEmpty() ? Why.NO_HOME : Why.NO_ROLE);
    }
    long epoch = at.epoch();
    if (home.registration() != registration) {
      return new There(home, epoch);
    }
    return switch (tenure) {
      case Tenure.Open t -> t.epoch() == epoch ? new Here(epoch) : new Wait(Why.OPENING);
      case Tenure.Freezing t ->
          inChain && t.epoch() == epoch ? new Here(epoch) : new Wait(Why.MOVING);
      case Tenure.Renounced ignored -> new Wait(Why.MOVING);
      case Tenure.Away ignored -> new Wait(Why.OPENING);
      case Tenure.Claiming ignored -> new Wait(Why.OPENING);
    };
  }
}
