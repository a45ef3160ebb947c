package dev.limpet.core.ledger;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which types the nodes of a cluster host, and the role that each names; read from the text that joins compare. In it a
 * line that does not begin with a space is a {@link #title}; the lines about that type follow.
 *
 * @param text as it was read
 * @param roles the role by the type's name; empty for a type that any node hosts
 */
public record HostedTypes(String text, SortedMap<String, String> roles) {
  private static final String ROLE = " (role ";

  /** Of a cluster that nobody has joined. */
  public static final HostedTypes NONE = read("");

  public HostedTypes {
    roles = Collections.unmodifiableSortedMap(new TreeMap<>(roles));
  }

  /** The line that a type begins with. */
  public static String title(String type, String role) {
    return role.isEmpty() ? type : type + ROLE + role + ")";
  }

  /** Reads any text. */
  public static HostedTypes read(String text) {
    SortedMap<String, String> roles = new TreeMap<>();
    text.lines()
        .filter(line -> !line.isEmpty() && !line.startsWith(" "))
        .forEach(line -> {
          int role = line.endsWith(")") ? line.indexOf(ROLE) : -1;
          if (role > 0) {
            roles.put(
                line.substring(0, role), line.substring(role + ROLE.length(), line.length() - 1));
          } else {
            roles.put(line, "");
          }
        });
    return new HostedTypes(text, roles);
  }

  public boolean hosts(String type) {
    return roles.containsKey(type);
  }

  public boolean namesRoles() {
    return roles.values().stream().anyMatch(role -> !role.isEmpty());
  }

  /** The role that a type names; empty if it names none, or is not hosted. */
  public String roleOf(String type) {
    return roles.getOrDefault(type, "");
  }
}
