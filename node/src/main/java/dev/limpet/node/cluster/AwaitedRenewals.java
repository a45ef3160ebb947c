package dev.limpet.node.cluster;

import dev.limpet.node.cluster.LeaderDuties.RenewalAnswer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** The renewals whose senders wait for an answer: each of them, not only the latest of a sender. Thread-safe. */
/*
 * On a slow disk an entry takes longer than the time between two renewals. If a new renewal took the place of the one
 * before, none would ever be acknowledged, and every node would expire though all of its renewals were applied. A renewal
 * that was not put into an entry, because a later one of its sender was, is answered with that one.
 */
final class AwaitedRenewals {
  /** Of one sender; more than a lease has. */
  private static final int WAITING_MAX = 32;

  private final Map<Long, NavigableMap<Long, CompletableFuture<RenewalAnswer>>> waiting =
      new HashMap<>(); // guarded by this

  /** The answer to a renewal, when it comes. */
  CompletableFuture<RenewalAnswer> await(long registration, long sequence) {
    CompletableFuture<RenewalAnswer> answer = new CompletableFuture<>();
    List<CompletableFuture<RenewalAnswer>> never = new ArrayList<>();
    synchronized (this) {
      var ofSender = waiting.computeIfAbsent(registration, r -> new TreeMap<>());
      CompletableFuture<RenewalAnswer> twice = ofSender.put(sequence, answer);
      if (twice != null) {
        never.add(twice);
      }
      if (ofSender.size() > WAITING_MAX) {
        never.add(ofSender.pollFirstEntry().getValue());
      }
    }
    never.forEach(each -> each.complete(new RenewalAnswer.NotHere()));
    return answer;
  }

  /** The entry with that renewal was applied, or was not; earlier ones of its sender will not be any more. */
  void answered(long registration, long sequence, RenewalAnswer what) {
    List<CompletableFuture<RenewalAnswer>> never;
    CompletableFuture<RenewalAnswer> answer;
    synchronized (this) {
      var ofSender = waiting.get(registration);
      if (ofSender == null) {
        return;
      }
      answer = ofSender.remove(sequence);
      var earlier = ofSender.headMap(sequence, false);
      never = new ArrayList<>(earlier.values());
      earlier.clear();
      if (ofSender.isEmpty()) {
        waiting.remove(registration);
      }
    }
    never.forEach(each -> each.complete(new RenewalAnswer.NotHere()));
    if (answer != null) {
      answer.complete(what);
    }
  }

  /** This node leads no more: nobody will be answered. */
  void dropAll() {
    List<CompletableFuture<RenewalAnswer>> dropped = new ArrayList<>();
    synchronized (this) {
      waiting.values().forEach(ofSender -> dropped.addAll(ofSender.values()));
      waiting.clear();
    }
    dropped.forEach(each -> each.complete(new RenewalAnswer.NotHere()));
  }
}
