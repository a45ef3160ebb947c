package peers;

import org.apache.pekko.actor.typed.ActorRef;

/** What goes between nodes. */
public sealed interface Wire {
  /** Adds to a counter. */
  record Add(long n, ActorRef<Total> replyTo) implements Wire {}

  /** Its new value. */
  record Total(long value) implements Wire {}
}
