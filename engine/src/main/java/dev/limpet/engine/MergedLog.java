package dev.limpet.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A store's log that makes one entry of the commits that arrive while others are under way, whichever nodes they come
 * from. An entry costs the same processor time on every replica whether it holds one commit or hundreds, so those that come
 * wait for the one that is under way, and share the next; one that comes alone need not wait. Thread-safe.
 *
 * <p>Each commit keeps its own answer. Anything else than a well-formed commit is appended as it is.
 */
public final class MergedLog implements ReplicatedLog {
  private static final int ALONE_UNDER_WAY_MAX = 2;
  private static final int WAITING_BYTES_MAX = 32 << 20;

  private final ReplicatedLog log;

  // Guarded by this.
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private int waitingParts;
  private int underWay;

  private record Waiting(byte[] commit, int parts, CompletableFuture<Applied> answer) {}

  public MergedLog(ReplicatedLog log) {
    this.log = log;
  }

  @Override
  public CompletableFuture<Applied> append(byte[] entry) {
    int parts = StoreWire.partsOf(entry);
    if (parts < 0 || entry.length > log.entryBytesMax() || !log.leadership().self()) {
      return log.append(entry);
    }
    CompletableFuture<Applied> answer = new CompletableFuture<>();
    synchronized (this) {
      if (waitingBytes + entry.length > WAITING_BYTES_MAX) {
        return CompletableFuture.failedFuture(
            new LogException(waitingBytes + " bytes of commits wait already", false));
      }
      waiting.addLast(new Waiting(entry, parts, answer));
      waitingBytes += entry.length;
      waitingParts += parts;
    }
    send();
    return answer;
  }

  private void send() {
    for (List<Waiting> batch = next(); batch != null; batch = next()) {
      List<Waiting> sent = batch;
      List<byte[]> commits = new ArrayList<>(batch.size());
      for (Waiting w : batch) {
        commits.add(w.commit);
      }
      CompletableFuture<Applied> unused =
          log.append(StoreWire.mergeCommits(commits))
              .whenComplete((applied, failure) -> {
                answer(sent, applied, failure);
                synchronized (this) {
                  underWay--;
                }
                send();
              });
    }
  }

  private synchronized @Nullable List<Waiting> next() {
    int most = waitingParts > 1 ? 1 : ALONE_UNDER_WAY_MAX;
    if (underWay >= most || waiting.isEmpty()) {
      return null;
    }
    underWay++;
    List<Waiting> batch = new ArrayList<>();
    int bytes = 0;
    for (Waiting w = waiting.peekFirst(); w != null; w = waiting.peekFirst()) {
      if (!batch.isEmpty() && bytes + w.commit.length > log.entryBytesMax()) {
        break;
      }
      bytes += w.commit.length;
      waitingBytes -= w.commit.length;
      waitingParts -= w.parts;
      batch.add(waiting.removeFirst());
    }
    return batch;
  }

  private static void answer(
      List<Waiting> batch, @Nullable Applied applied, @Nullable Throwable failure) {
    if (applied == null) {
      Throwable why = failure == null ? new LogException("no answer", true) : failure;
      batch.forEach(w -> w.answer.completeExceptionally(why));
      return;
    }
    try {
      int[] parts = new int[batch.size()];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = batch.get(i).parts;
      }
      List<byte[]> replies = StoreWire.splitCommitted(applied.reply(), parts);
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).answer.complete(new Applied(applied.index(), replies.get(i)));
      }
    } catch (StoreWire.Malformed e) {
      // What the store could not read as a whole it did not do in part.
      batch.forEach(w -> w.answer.completeExceptionally(e));
    }
  }

  @Override
  public Leadership leadership() {
    return log.leadership();
  }

  @Override
  public long appliedIndex() {
    return log.appliedIndex();
  }

  @Override
  public int entryBytesMax() {
    return log.entryBytesMax();
  }
}
