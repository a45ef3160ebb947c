package dev.limpet.node.cluster;

import dev.limpet.ledger.ratis.Voter;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The nodes that hold the replicated logs, as this node knows them, and where they are reached. Thread-safe. */
public final class Voters {
  private final String self;
  private final Save save;
  private volatile Known known;

  private record Known(List<Voter> all, Map<String, InetSocketAddress> addresses, long since) {}

  /** Keeps a list for the next start. */
  public interface Save {
    void save(List<Voter> voters, long since);
  }

  /**
   * Knows these, until it is told of later ones.
   *
   * @param since the index in the ledger's log since which they vote
   * @param save keeps each other list for the next start
   */
  public Voters(String self, List<Voter> first, long since, Save save) {
    this.self = self;
    this.save = save;
    this.known = resolve(first, since);
  }

  private static Known resolve(List<Voter> voters, long since) {
    Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
    voters.forEach(v -> addresses.put(v.node(), Addresses.parse(v.address())));
    return new Known(List.copyOf(voters), addresses, since);
  }

  /**
   * These are the voters since that index of the ledger's log, says a replica; what is older than what is known is passed
   * over, for a replica may be behind.
   */
  public synchronized void are(List<Voter> now, long since) {
    if (now.isEmpty() || since <= known.since) {
      return;
    }
    Known newer = resolve(now, since);
    if (!Set.copyOf(now).equals(Set.copyOf(known.all))) {
      save.save(newer.all, since);
    }
    known = newer;
  }

  /** A list, and the index since which it holds. */
  record Listed(List<Voter> voters, long since) {}

  Listed listed() {
    Known now = known;
    return new Listed(now.all, now.since);
  }

  /** Whether that node votes with that storage. */
  public boolean contains(String node, String storage) {
    return known.all.stream().anyMatch(v -> v.node().equals(node) && v.storageId().equals(storage));
  }

  public List<Voter> all() {
    return known.all;
  }

  public List<String> names() {
    return known.all.stream().map(Voter::node).toList();
  }

  /** Where a voter is reached; null if that node is none. */
  public @Nullable InetSocketAddress address(String node) {
    return known.addresses.get(node);
  }

  /**
   * The addresses of the voters that are other nodes.
   *
   * @param first the name of the one to be asked first, if it is among them
   */
  List<InetSocketAddress> others(@Nullable String first) {
    Known now = known;
    return now.all.stream()
        .map(Voter::node)
        .filter(node -> !node.equals(self))
        .sorted((a, b) -> Boolean.compare(b.equals(first), a.equals(first)))
        .map(node -> now.addresses.get(node))
        .toList();
  }
}
