package dev.limpet.node.home;

import dev.limpet.core.home.CommitLane.Fate;
import dev.limpet.core.ledger.Pin;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A process changes hands between its hashed shard and its pin, both at home on this node. */
/*
 * Either way the process is first taken out of the one: nobody finds it there any more, and calls that wait for their turn
 * at it go round and find the other. Then the turn that runs is awaited, and its commit. Only afterwards does the other
 * begin: a new pin claims in the store, which overrides the hashed shard's fence; an ended pin's last commit has taken that
 * back. What lives in memory is handed over as it is: between the last turn here and the first there nobody else can own
 * the process, since both shards stay at home here, or the node has lost everything.
 *
 * A turn that runs for long holds this up as it holds up every other call to the process. Nothing else waits for it.
 */
final class PinHandover {
  private final MoveWatch watch;

  PinHandover(MoveWatch watch) {
    this.watch = watch;
  }

  /** Out of the hashed shard; then {@code done} is told what lived in memory. */
  void leave(
      Ownership from, Pin pin, Ownership.Leaver leaver, Consumer<Memories.@Nullable Memory> done) {
    work(
        pin,
        () -> {
          Memories.@Nullable Memory memory = null;
          try {
            memory = leaver.await();
          } finally {
            from.hasLeft();
            watch.at(pin.number(), MoveWatch.Step.LEFT);
            done.accept(memory);
          }
        });
  }

  /** Out of the pin, and the pin ended in the store; then {@code done} is told what lived in memory. */
  void end(Ownership own, Pin pin, Consumer<Memories.@Nullable Memory> done) {
    Ownership.Leaver leaver = own.takeOut(pin.id());
    work(
        pin,
        () -> {
          Memories.@Nullable Memory memory = null;
          if (leaver != null) {
            try {
              memory = leaver.await();
            } finally {
              own.hasLeft();
            }
          }
          Commit end = Commit.end();
          if (own.offer(end) && end.awaitFate() == Fate.SAVED) {
            watch.at(pin.number(), MoveWatch.Step.ENDED);
            done.accept(memory);
          }
        });
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private static void work(Pin pin, Work work) {
    Thread unused =
        Thread.ofVirtual()
            .name("limpet-pin-" + pin.id())
            .start(() -> {
              try {
                work.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }
}
