package dev.limpet.spi;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a node may host, and which types mind. Immutable.
 *
 * @param held the roles that the node holds, sorted
 * @param ofTypes the role that hosts a type, by the type's name, in place of the one that its {@link
 *     dev.limpet.Hosting.Options} name; empty for any node. The same on every node of a cluster
 */
public record Roles(Set<String> held, Map<String, String> ofTypes) {
  /** How many a node may hold. */
  public static final int HELD_MAX = 32;

  public static final Roles NONE = new Roles(Set.of(), Map.of());

  public Roles {
    held = Collections.unmodifiableSet(new TreeSet<>(held));
    ofTypes = Collections.unmodifiableMap(new TreeMap<>(ofTypes));
    held.forEach(Roles::check);
    ofTypes.values().stream().filter(role -> !role.isEmpty()).forEach(Roles::check);
    if (held.size() > HELD_MAX) {
      throw new StartFailed(
          ErrorCode.INVALID_SETTING,
          "a node holds at most " + HELD_MAX + " roles, got " + held.size());
    }
  }

  /**
   * A role's name, if it is one.
   *
   * @throws StartFailed if it is none
   */
  public static String check(String role) {
    if (!role.matches("[a-z][a-z0-9._-]{0,62}")) {
      throw new StartFailed(
          ErrorCode.INVALID_SETTING,
          "a role must be 1 to 63 of a-z 0-9 . _ - with a letter first, got \"" + role + "\"");
    }
    return role;
  }
}
