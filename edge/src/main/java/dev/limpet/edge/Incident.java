package dev.limpet.edge;

import dev.limpet.ErrorCode;
import dev.limpet.LimpetException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An error of our own: told to the client by a number only, and to the log in full. */
final class Incident {
  private static final System.Logger LOG = System.getLogger(Incident.class.getName());
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final Pattern NAMED = Pattern.compile("(?i)\\bincident ([A-Za-z0-9-]{4,64})");

  private Incident() {}

  /** The number that the home gave a failure and named in its message; a new one, logged here, if it named none. */
  static String of(LimpetException e) {
    Matcher named = NAMED.matcher(String.valueOf(e.getMessage()));
    if (named.find()) {
      return named.group(1);
    }
    String incident = next();
    LOG.log(
        System.Logger.Level.ERROR, "incident " + incident + ": " + Text.printable(e.toString()), e);
    return incident;
  }

  /** Logs it under a new number, and gives the answer that names the number. */
  static Problem log(String what, @Nullable Throwable cause) {
    String incident = next();
    LOG.log(System.Logger.Level.ERROR, "incident " + incident + ": " + Text.printable(what), cause);
    return Problem.of(
            ErrorCode.PROCESS_FAILED,
            "an error of the node, not of your request; its log explains incident " + incident)
        .withIncident(incident);
  }

  private static String next() {
    byte[] number = new byte[6];
    RANDOM.nextBytes(number);
    return HexFormat.of().formatHex(number);
  }
}
