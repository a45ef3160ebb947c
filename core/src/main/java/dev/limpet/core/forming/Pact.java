package dev.limpet.core.forming;

import java.util.List;

/** What is agreed on: the cluster's id, and who votes in it at first. */
public record Pact(String clusterId, List<Founder> founders) {
  public Pact {
    founders = List.copyOf(founders);
  }

  /** Whether that node is one of them with the disk that it has. */
  public boolean names(Founder who) {
    return founders.stream().anyMatch(f -> f.is(who));
  }
}
