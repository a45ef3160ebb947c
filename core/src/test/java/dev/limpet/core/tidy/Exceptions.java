package dev.limpet.core.tidy;

import dev.limpet.core.tidy.TidyRule.Offence;
import java.util.ArrayList;
import java.util.List;

/**
 * The exceptions that {@code tidy-exceptions.txt} grants: a line is {@code RULE PATH REASON}, and the reason must be
 * there. An exception that nothing needs any more is an offence itself.
 */
record Exceptions(List<Excuse> granted) {
  static Exceptions parse(List<String> lines) {
    var granted = new ArrayList<Excuse>();
    for (String line : lines) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] parts = line.strip().split("\\s+", 3);
      if (parts.length < 3 || parts[2].length() < 10) {
        throw new IllegalArgumentException(
            "an exception is RULE PATH REASON, with a reason that explains: " + line);
      }
      granted.add(new Excuse(parts[0], parts[1]));
    }
    return new Exceptions(List.copyOf(granted));
  }

  /** The offences that no exception covers, then the exceptions that cover none. */
  List<String> remaining(List<Offence> offences) {
    var remaining = new ArrayList<String>();
    for (Offence offence : offences) {
      if (!granted.contains(new Excuse(offence.rule(), offence.path()))) {
        remaining.add(offence.text());
      }
    }
    for (Excuse excuse : granted) {
      if (offences.stream().noneMatch(o -> excuse.equals(new Excuse(o.rule(), o.path())))) {
        remaining.add(
            "tidy-exceptions.txt: nothing needs the exception "
                + excuse.rule()
                + " "
                + excuse.path()
                + " any more: remove it");
      }
    }
    return remaining;
  }

  /** One rule, excused in one file. */
  record Excuse(String rule, String path) {}
}
