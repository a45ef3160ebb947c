package dev.limpet.node;

import java.util.List;
import java.util.stream.Stream;

/** How many cases of the long tests are run: some of each kind, or with {@code -Dlimpet.steps=all} all of them. */
final class Extent {
  static final boolean ALL = System.getProperty("limpet.steps", "").equals("all");

  private Extent() {}

  /** All of these cases, or those that are always run. */
  static <T> Stream<T> of(List<T> always, List<T> further) {
    return ALL ? Stream.concat(always.stream(), further.stream()) : always.stream();
  }
}
