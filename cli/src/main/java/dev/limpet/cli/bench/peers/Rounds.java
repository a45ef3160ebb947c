package dev.limpet.cli.bench.peers;

import java.util.ArrayList;
import java.util.List;

/** In which order contenders take their turns. */
final class Rounds {
  private Rounds() {}

  /** One contender's turn at one case. */
  record Turn(PeerCase which, Contender contender) {}

  /**
   * The turns of a round: case by case, so that those who are compared run soon after each other. Every other round runs
   * backwards, so that none always comes first, or always after the same one.
   *
   * @param round from 1
   */
  static List<Turn> turns(int round, List<Contender> contenders) {
    List<Turn> turns = new ArrayList<>();
    for (PeerCase which : PeerCase.values()) {
      for (Contender contender : contenders) {
        if (contender.cases().contains(which)) {
          turns.add(new Turn(which, contender));
        }
      }
    }
    return round % 2 == 0 ? turns.reversed() : turns;
  }
}
