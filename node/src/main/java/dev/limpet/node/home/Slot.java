package dev.limpet.node.home;

import dev.limpet.core.home.HomeShard;
import dev.limpet.core.home.Tenure;
import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Pin;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.engine.Store;
import dev.limpet.engine.Store.ClaimReply;
import org.jspecify.annotations.Nullable;

/** One shard as {@link LocalShards} holds it; guarded by that, except that anyone may read the volatile fields. */
final class Slot {
  final HomeShard machine;
  @Nullable ShardHome placed;
  ClaimReply.@Nullable Granted granted;
  volatile Tenure tenure = new Tenure.Away();
  volatile @Nullable Ownership own;

  /** If the shard is a pin's, as of the newest view. */
  @Nullable Pin pin;

  /** The pin's process is still leaving the hashed shard here; the claim goes to the store afterwards. */
  boolean leaving;

  /** The hashed shard came here and is not open yet: the pin's process may still find its memory there. */
  boolean awaitsHashed;

  /** The pin is being ended in the store. */
  boolean ending;

  /** The pin has ended in the store, and this node wishes that the ledger knew it. */
  Command.@Nullable TakeIn takeIn;

  /** The process's memory between the two shards, and the epoch of the pin that it is for. */
  Memories.@Nullable Memory between;

  long betweenEpoch;

  Slot(HomeShard machine) {
    this.machine = machine;
  }

  int shard() {
    return machine.shard();
  }

  Store.Claim claim(long epoch, long number, long owner) {
    Pin p = pin;
    return new Store.Claim(
        shard(), epoch, number, owner, p == null ? null : new Store.Pinned(p.id(), p.hashed()));
  }

  /** The shard that the rows of its processes are saved under. */
  int rows() {
    Pin p = pin;
    return p == null ? shard() : p.hashed();
  }

  /** Forgets how far the pin's process was between the shards. */
  void forgetHandover() {
    ending = false;
    takeIn = null;
    between = null;
  }
}
