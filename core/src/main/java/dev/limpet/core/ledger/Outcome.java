package dev.limpet.core.ledger;

import java.util.List;

/** What the ledger answers to a command. */
public sealed interface Outcome {
  /** It is so now, by this entry or by an earlier one. */
  record Done() implements Outcome {}

  /** The node is a member. */
  record Joined(long registration) implements Outcome {}

  /** For each renewal, in order, whether it was accepted; a node whose renewal was not has no lease any more. */
  record Renewed(List<Boolean> accepted) implements Outcome {
    public Renewed {
      accepted = List.copyOf(accepted);
    }
  }

  /** Nothing changed. */
  record Refused(Reason reason, String detail) implements Outcome {}

  /** Why nothing changed. */
  enum Reason {
    /** The cluster has no first entry yet. */
    NOT_FORMED,
    /** It is another cluster. */
    OTHER_CLUSTER,
    /** A node of that name is a member, and its lease may still hold. */
    NAME_TAKEN,
    /** The node hosts other types than the members do. */
    TYPES_DIFFER,
    /** No such member, or under another registration. */
    NOT_A_MEMBER,
    /** The wish was overtaken by another decision. */
    OVERTAKEN,
    /** The node is a member, and only one that is none can be forgotten. */
    STILL_A_MEMBER,
    /** The node is drained: it shall be empty. */
    DRAINED,
    /** The process has no home of its own. */
    NOT_PINNED,
    /** As many processes as may be have a home of their own. */
    TOO_MANY_PINS,
    /** The node does not hold the role that the process's type names. */
    LACKS_ROLE
  }
}
