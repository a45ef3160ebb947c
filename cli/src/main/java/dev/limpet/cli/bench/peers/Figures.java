package dev.limpet.cli.bench.peers;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a harness says at the end of a measured time: a line such as {@code RESULT window=256 calls=80000 rate=10000/s
 * p50=1.5us p99=20us failed=0 alloc=512B}, in any order; {@code alloc} may be missing, and words that are not known are
 * left alone.
 *
 * @param window calls in flight
 * @param calls those that were answered
 * @param rate calls a second
 * @param p50Micros half of the calls took no longer
 * @param p99Micros 99 of 100 calls took no longer
 * @param failed calls that were not answered
 * @param allocatedBytes for each call, in the JVM that calls
 */
record Figures(
    int window,
    long calls,
    double rate,
    double p50Micros,
    double p99Micros,
    long failed,
    OptionalDouble allocatedBytes) {
  private static final String BEGINS = "MEASURE window=";
  private static final String ENDS = "RESULT ";

  /** How many calls are in flight in the measured time that this line begins; empty if it does not. */
  static OptionalInt begun(String line) {
    if (!line.startsWith(BEGINS)) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(line.substring(BEGINS.length()).strip()));
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  /** What the line says; empty if it is no such line. */
  static Optional<Figures> parse(String line) {
    if (!line.startsWith(ENDS)) {
      return Optional.empty();
    }
    Map<String, String> words = new HashMap<>();
    for (String word : line.strip().split(" +")) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        words.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    try {
      return Optional.of(
          new Figures(
              Integer.parseInt(number(words, "window", "")),
              Long.parseLong(number(words, "calls", "")),
              Double.parseDouble(number(words, "rate", "/s")),
              Double.parseDouble(number(words, "p50", "us")),
              Double.parseDouble(number(words, "p99", "us")),
              Long.parseLong(number(words, "failed", "")),
              words.containsKey("alloc")
                  ? OptionalDouble.of(Double.parseDouble(number(words, "alloc", "B")))
                  : OptionalDouble.empty()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String number(Map<String, String> words, String name, String unit) {
    String text = words.getOrDefault(name, "");
    if (!text.endsWith(unit)) {
      throw new NumberFormatException(name + " has not the unit " + unit);
    }
    return text.substring(0, text.length() - unit.length());
  }
}
