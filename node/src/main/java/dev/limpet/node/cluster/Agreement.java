package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.forming.Founder;
import dev.limpet.core.forming.Pact;
import dev.limpet.ledger.ratis.Voter;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * What the first nodes agree on: the cluster's id, and who votes, each with the storage that it votes from.
 *
 * @param since the index in the ledger's log since which these vote; 0 as agreed on at first
 */
public record Agreement(String clusterId, List<Voter> voters, long since) {
  private static final int VOTERS_MAX = 16;

  Agreement(String clusterId, List<Voter> voters) {
    this(clusterId, voters, 0);
  }

  public Agreement {
    voters = List.copyOf(voters);
  }

  /** Whether that node votes with that storage. */
  public boolean contains(String node, String storage) {
    return voters.stream().anyMatch(v -> v.node().equals(node) && v.storageId().equals(storage));
  }

  Pact pact() {
    return new Pact(
        clusterId,
        voters.stream().map(v -> new Founder(v.node(), v.storageId(), v.address())).toList());
  }

  static Agreement of(Pact pact) {
    return new Agreement(
        pact.clusterId(),
        pact.founders().stream().map(f -> new Voter(f.node(), f.storage(), f.address())).toList());
  }

  void write(ByteWriter out) {
    out.text(clusterId).number(voters.size());
    voters.forEach(v -> out.text(v.node()).text(v.storageId()).text(v.address()));
  }

  static Agreement read(ByteReader in) {
    String clusterId = in.text(256);
    int count = in.count(VOTERS_MAX);
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      voters.add(new Voter(in.text(256), in.text(256), in.text(256)));
    }
    return new Agreement(clusterId, voters);
  }

  Properties properties() {
    Properties p = new Properties();
    p.setProperty("cluster-id", clusterId);
    p.setProperty("since", Long.toString(since));
    p.setProperty("voters", Integer.toString(voters.size()));
    for (int i = 0; i < voters.size(); i++) {
      Voter v = voters.get(i);
      p.setProperty("voter." + i, v.node() + "|" + v.storageId() + "|" + v.address());
    }
    return p;
  }

  static Agreement of(Properties p) {
    List<Voter> voters = new ArrayList<>();
    int count = Integer.parseInt(p.getProperty("voters", "0"));
    for (int i = 0; i < count; i++) {
      String[] parts = p.getProperty("voter." + i, "").split("\\|", 3);
      voters.add(new Voter(parts[0], parts[1], parts[2]));
    }
    return new Agreement(
        p.getProperty("cluster-id", ""), voters, Long.parseLong(p.getProperty("since", "0")));
  }
}
