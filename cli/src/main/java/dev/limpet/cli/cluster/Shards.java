package dev.limpet.cli.cluster;

import java.util.List;
import java.util.stream.Collectors;

/** How many shards each node has. */
public record Shards(List<OfNode> nodes) {
  /**
   * One node's.
   *
   * @param shards how many it is the home of now
   * @param preferred how many belong to it
   */
  public record OfNode(String node, String state, int shards, int preferred) {}

  public Shards {
    nodes = List.copyOf(nodes);
  }

  /** How many shards a node has; 0 if it is not known. */
  public int of(String node) {
    return nodes.stream().filter(n -> n.node().equals(node)).mapToInt(OfNode::shards).sum();
  }

  /** Whether a node has all that belong to it. */
  public boolean isHome(String node) {
    return nodes.stream()
        .anyMatch(n -> n.node().equals(node) && n.preferred() > 0 && n.shards() == n.preferred());
  }

  /** Like {@code n1 86, n2 85, n3 85}. */
  @Override
  public String toString() {
    return nodes.stream().map(n -> n.node() + " " + n.shards()).collect(Collectors.joining(", "));
  }
}
