package dev.limpet.cli.chaos;

import dev.limpet.cli.network.BadNetwork.Direction;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.IntPredicate;

/** Which directions a fault of the network concerns. Nodes count from 1. */
final class Shapes {
  private Shapes() {}

  /** All between a group of nodes and the others, both ways. */
  static Set<Direction> between(int nodes, IntPredicate group) {
    Set<Direction> directions = new LinkedHashSet<>();
    for (Direction each : all(nodes)) {
      if (group.test(each.from()) != group.test(each.to())) {
        directions.add(each);
      }
    }
    return directions;
  }

  /** All between one node and the others, both ways. */
  static Set<Direction> around(int nodes, int node) {
    return between(nodes, each -> each == node);
  }

  /** All that one node sends. */
  static Set<Direction> from(int nodes, int node) {
    Set<Direction> directions = around(nodes, node);
    directions.removeIf(each -> each.from() != node);
    return directions;
  }

  /** All that is sent to one node. */
  static Set<Direction> to(int nodes, int node) {
    Set<Direction> directions = around(nodes, node);
    directions.removeIf(each -> each.to() != node);
    return directions;
  }

  /** All but those between neighbours on a ring. */
  static Set<Direction> acrossRing(int nodes) {
    Set<Direction> directions = all(nodes);
    directions.removeIf(each -> {
      int steps = Math.floorMod(each.from() - each.to(), nodes);
      return steps == 1 || steps == nodes - 1;
    });
    return directions;
  }

  static Set<Direction> all(int nodes) {
    Set<Direction> directions = new LinkedHashSet<>();
    for (int from = 1; from <= nodes; from++) {
      for (int to = 1; to <= nodes; to++) {
        if (from != to) {
          directions.add(new Direction(from, to));
        }
      }
    }
    return directions;
  }
}
