package dev.limpet.node.cluster;

import dev.limpet.ledger.ratis.Voter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The nodes that hold the replicated logs, as this node knows them, and where they are reached. Thread-safe. */
public final class Voters {
  private final String self;
  private final Save save;
  private volatile Known known;
  private volatile Function<String, @Nullable InetSocketAddress> elsewhere = node -> null;

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

  /** How nodes that are no voters, as far as this node knows, are found: while voters change, one of them may lead a log. */
  public void elsewhere(Function<String, @Nullable InetSocketAddress> addresses) {
    elsewhere = addresses;
  }

  /** Where a voter, or another node that may lead a log, is reached; null if that is not known. */
  public @Nullable InetSocketAddress address(String node) {
    @Nullable InetSocketAddress address = known.addresses.get(node);
    return address == null ? elsewhere.apply(node) : address;
  }

  /**
   * The addresses of the voters that are other nodes.
   *
   * @param first the name of the one to be asked first, whether it is among them or not
   */
  List<InetSocketAddress> others(@Nullable String first) {
    List<InetSocketAddress> others = new ArrayList<>();
    @Nullable InetSocketAddress leader =
        first == null || first.equals(self) ? null : address(first);
    if (leader != null) {
      others.add(leader);
    }
    known.addresses.forEach((node, address) -> {
      if (!node.equals(self) && !node.equals(first)) {
        others.add(address);
      }
    });
    return others;
  }
}
