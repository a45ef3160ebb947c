package dev.limpet.ledger.ratis;

import java.util.Objects;

/** Ends a replica as Ratis does when the others tell it to shut down. */
public final class Ending {
  private Ending() {}

  public static void end(RatisHost host, String group) {
    Objects.requireNonNull(host.hosted(group).division()).close();
  }
}
