package dev.limpet.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that wait for their answers, by correlation id. Bounded; safe for any thread; no
 * allocation while it does not grow.
 */
/*
 * An id is a rising number whose low bits are the call's slot, so finding a call is one array access, and an old id never
 * finds a newer call, for the whole id is compared. A slot that is still taken is skipped, with its number; the table is
 * kept at most half full, so a skip is rare and short.
 */
final class Calls {
  static final long FULL = -1;
  static final long CLOSED = -2;

  private final int max;
  private @Nullable Call[] slots = new @Nullable Call[64];
  private volatile int size; // changed under the lock
  private long next = 1;
  private boolean closed;

  Calls(int max) {
    this.max = max;
  }

  /** Takes the call in and gives it its id; or {@link #FULL} or {@link #CLOSED}. */
  synchronized long add(Call call) {
    if (closed) {
      return CLOSED;
    }
    if (size >= max) {
      return FULL;
    }
    if (size * 2 >= slots.length) {
      grow();
    }
    int mask = slots.length - 1;
    long id = next;
    while (slots[(int) id & mask] != null) {
      id++;
    }
    next = id + 1;
    call.id = id;
    slots[(int) id & mask] = call;
    size++;
    return id;
  }

  /** The call of that id, which the remover now has to end; null when somebody else has. */
  synchronized @Nullable Call remove(long id) {
    int slot = (int) id & (slots.length - 1);
    Call call = slots[slot];
    if (call == null || call.id != id) {
      return null;
    }
    slots[slot] = null;
    size--;
    return call;
  }

  /** Removes those whose deadline has passed, for the remover to end. */
  synchronized List<Call> removeExpired(long nowNanos) {
    return size == 0 ? List.of() : removeIf(call -> nowNanos - call.deadlineNanos >= 0);
  }

  /** Removes those of a bundle, for the remover to end. */
  synchronized List<Call> removeOf(Bundle bundle) {
    return removeIf(call -> call.isOf(bundle));
  }

  private synchronized List<Call> removeIf(Predicate<Call> which) {
    List<Call> removed = new ArrayList<>();
    for (int slot = 0; slot < slots.length; slot++) {
      Call call = slots[slot];
      if (call != null && which.test(call)) {
        slots[slot] = null;
        size--;
        removed.add(call);
      }
    }
    return removed;
  }

  /** Takes no more, and removes all, for the remover to end. */
  synchronized List<Call> close() {
    closed = true;
    List<Call> all = new ArrayList<>(size);
    for (int slot = 0; slot < slots.length; slot++) {
      Call call = slots[slot];
      if (call != null) {
        slots[slot] = null;
        all.add(call);
      }
    }
    size = 0;
    return all;
  }

  /** Takes no more if there are none; false when there are. */
  synchronized boolean closeIfEmpty() {
    closed |= size == 0;
    return size == 0;
  }

  int size() {
    return size;
  }

  // Two ids that differ in their low bits still differ in more of them: nothing collides.
  private void grow() {
    @Nullable Call[] larger = new @Nullable Call[slots.length * 2];
    for (Call call : slots) {
      if (call != null) {
        larger[(int) call.id & (larger.length - 1)] = call;
      }
    }
    slots = larger;
  }
}
