package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.core.home.CommitLane.Fate;
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
  private PinHandover() {}

  /** Out of the hashed shard; then {@code done} is told what lived in memory. */
  static void leave(
      Ownership from,
      ProcessId id,
      Ownership.Leaver leaver,
      Consumer<Memories.@Nullable Memory> done) {
    work(
        id,
        () -> {
          Memories.@Nullable Memory memory = null;
          try {
            memory = leaver.await();
          } finally {
            from.hasLeft();
            done.accept(memory);
          }
        });
  }

  /** Out of the pin, and the pin ended in the store; then {@code done} is told what lived in memory. */
  static void end(Ownership pin, ProcessId id, Consumer<Memories.@Nullable Memory> done) {
    Ownership.Leaver leaver = pin.takeOut(id);
    work(
        id,
        () -> {
          Memories.@Nullable Memory memory = null;
          if (leaver != null) {
            try {
              memory = leaver.await();
            } finally {
              pin.hasLeft();
            }
          }
          Commit end = Commit.end();
          if (pin.offer(end) && end.awaitFate() == Fate.SAVED) {
            done.accept(memory);
          }
        });
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private static void work(ProcessId id, Work work) {
    Thread unused =
        Thread.ofVirtual()
            .name("limpet-pin-" + id)
            .start(() -> {
              try {
                work.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }
}
