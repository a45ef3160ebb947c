package dev.limpet.node.cluster;

import dev.limpet.ledger.ratis.Voter;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The nodes that hold the replicated logs, as this node knows them, and where they are reached. Thread-safe. */
public final class Voters {
  private final String self;
  private final Consumer<List<Voter>> save;
  private volatile Known known;

  private record Known(List<Voter> all, Map<String, InetSocketAddress> addresses) {}

  /**
   * Knows these, until it is told of others.
   *
   * @param save keeps each other list for the next start
   */
  public Voters(String self, List<Voter> first, Consumer<List<Voter>> save) {
    this.self = self;
    this.save = save;
    this.known = resolve(first);
  }

  private static Known resolve(List<Voter> voters) {
    Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
    voters.forEach(v -> addresses.put(v.node(), Addresses.parse(v.address())));
    return new Known(List.copyOf(voters), addresses);
  }

  /** These are the voters now, as the ledger's own log says. */
  public synchronized void are(List<Voter> now) {
    if (!now.isEmpty() && !Set.copyOf(now).equals(Set.copyOf(known.all))) {
      Known newer = resolve(now);
      save.accept(newer.all);
      known = newer;
    }
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
