package dev.limpet.node.home;

import dev.limpet.core.supervise.TurnWatch;
import dev.limpet.core.supervise.TurnWatch.Finding;
import dev.limpet.core.supervise.TurnWatch.Running;
import dev.limpet.node.door.Door;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells people of turns that run for too long, with the stack of the thread that each runs on. Thread-safe. */
final class StuckTurns {
  private static final System.Logger LOG = System.getLogger(StuckTurns.class.getName());

  /** How many stacks are logged after one look. */
  private static final int STACKS_MAX = 10;

  private static final int LOGGED_FRAMES_MAX = 100;
  private static final int REPORTED_FRAMES_MAX = 50;

  /** Guarded by itself. */
  private final TurnWatch<Activation> watch = new TurnWatch<>();

  /** A look at all turns that run now; {@code now} is as of {@code System.nanoTime}. */
  void look(long now, List<Running<Activation>> running) {
    List<Finding<Activation>> findings;
    synchronized (watch) {
      findings = watch.look(now, running);
    }
    int stacks = 0;
    int more = 0;
    for (Finding<Activation> f : findings) {
      if (f.over()) {
        f.copy()
            .type()
            .logger()
            .log(
                Level.WARNING,
                "the turn of {0} that was reported as stuck is over, after {1}",
                f.copy().id(),
                seconds(f.nanos()));
      } else if (stacks < STACKS_MAX) {
        stacks += tell(f) ? 1 : 0;
      } else {
        more++;
      }
    }
    if (more > 0) {
      LOG.log(
          Level.WARNING,
          "{0} more turns are stuck; limpet inspect shows each, and /admin/processes?state=stuck lists"
              + " them",
          more);
    }
  }

  private static boolean tell(Finding<Activation> f) {
    Activation copy = f.copy();
    String method = copy.turnMethod();
    @Nullable Thread thread = copy.turnThread(f.turn());
    StackTraceElement[] stack = copy.turnStack(f.turn());
    if (thread == null || stack.length == 0) {
      return false; // it has just ended, and is told so after the next look
    }
    copy.type()
        .logger()
        .log(
            Level.WARNING,
            () ->
                String.format(
                    Locale.ROOT,
                    "a turn of %s is stuck: it runs %s for %s; %d calls wait. Its thread, %s:%n%s",
                    copy.id(),
                    method,
                    seconds(f.nanos()),
                    copy.waiting(),
                    thread.isVirtual() ? "virtual " + thread.threadId() : thread.getName(),
                    Arrays.stream(stack)
                        .limit(LOGGED_FRAMES_MAX)
                        .map(frame -> "\tat " + frame)
                        .collect(Collectors.joining(System.lineSeparator()))));
    return true;
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }

  int count() {
    synchronized (watch) {
      return watch.stuckCount();
    }
  }

  List<Activation> all() {
    synchronized (watch) {
      return watch.stuck();
    }
  }

  /** The turn of that copy, if it is stuck, with its stack at this moment. */
  Door.@Nullable StuckTurn report(Activation copy, long now) {
    @Nullable Finding<Activation> found;
    synchronized (watch) {
      found = watch.stuck(copy, now);
    }
    if (found == null || !copy.runs(found.turn())) {
      return null;
    }
    return new Door.StuckTurn(
        copy.turnMethod(),
        TimeUnit.NANOSECONDS.toMillis(found.nanos()),
        Arrays.stream(copy.turnStack(found.turn()))
            .limit(REPORTED_FRAMES_MAX)
            .map(StackTraceElement::toString)
            .toList());
  }
}
