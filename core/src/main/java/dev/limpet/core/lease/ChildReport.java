package dev.limpet.core.lease;

import dev.limpet.core.ledger.Command;
import dev.limpet.core.ledger.Incarnation;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import org.jspecify.annotations.Nullable;

/**
 * The word of a process that started a node's: it has waited for its end (rule 7). Believed only if it says exactly what that
 * node's join said of it.
 *
 * @param registration that the dead process had
 * @param boot which start of the node it was
 * @param pid of the child that was waited for
 * @param startedMillis when the system started that child
 */
public record ChildReport(
    String node, long registration, String boot, long pid, long startedMillis) {

  /** Why the report is not believed; null if it is. */
  public @Nullable String objection(Placement view, long self) {
    Member member = view.members().get(registration);
    if (member == null) {
      return "registration " + registration + " has ended, or has not begun";
    }
    Incarnation known = member.incarnation();
    if (registration == self) {
      return "it is this node that is said to be dead";
    }
    if (!member.name().equals(node)) {
      return "registration " + registration + " is that of node " + member.name();
    }
    if (known.pid() == 0 || known.startedMillis() == 0) {
      return "node " + node + " does not know which process it is";
    }
    if (!member.boot().equals(boot)
        || known.pid() != pid
        || known.startedMillis() != startedMillis) {
      return "node " + node + " runs as another process than the one that has ended";
    }
    return null;
  }

  /** What follows from it. A renewal that was applied meanwhile was under way when its sender died, and proves nothing. */
  public Command.Expire expiry() {
    return new Command.Expire(node, registration, Long.MAX_VALUE);
  }
}
