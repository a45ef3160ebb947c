package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.ledger.Decision;
import dev.limpet.core.ledger.Summary;
import dev.limpet.node.door.Door;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** What the last entries of the ledger decided, in words, for nodes that have no replica. Thread-safe. */
final class DecisionLines {
  /** Older lines are forgotten: a node that was away for that long misses them, as does one that joins. */
  static final int LINES_MAX = 64;

  private static final int DECISIONS_MAX = 64;
  private static final int TEXT_BYTES_MAX = 4_096;

  // Guarded by this.
  private final Deque<Door.Line> last = new ArrayDeque<>();

  synchronized void decided(long index, List<Decision> decisions) {
    if (last.size() == LINES_MAX) {
      last.removeFirst();
    }
    last.addLast(line(index, decisions));
  }

  /** Those of the entries after that one; none for 0. */
  synchronized List<Door.Line> since(long told) {
    return told == 0 ? List.of() : last.stream().filter(l -> l.index() > told).toList();
  }

  static Door.Line line(long index, List<Decision> decisions) {
    return new Door.Line(
        index,
        decisions.getFirst().getClass().getSimpleName().toLowerCase(Locale.ROOT),
        Summary.of(decisions),
        decisions.size() == 1 ? null : decisions.stream().map(Decision::describe).toList());
  }

  static void encode(ByteWriter out, List<Door.Line> lines) {
    out.number(lines.size());
    for (Door.Line line : lines) {
      List<String> decisions = line.decisions() == null ? List.of() : line.decisions();
      int some = Math.min(decisions.size(), DECISIONS_MAX);
      out.number(line.index()).text(line.kind()).text(bounded(line.text())).number(some);
      decisions.stream().limit(some).forEach(d -> out.text(bounded(d)));
    }
  }

  static List<Door.Line> decode(ByteReader in) {
    List<Door.Line> lines = new ArrayList<>();
    int count = in.count(LINES_MAX);
    for (int i = 0; i < count; i++) {
      long index = in.number();
      String kind = in.text(TEXT_BYTES_MAX);
      String text = in.text(TEXT_BYTES_MAX);
      List<String> decisions = new ArrayList<>();
      int some = in.count(DECISIONS_MAX);
      for (int d = 0; d < some; d++) {
        decisions.add(in.text(TEXT_BYTES_MAX));
      }
      lines.add(new Door.Line(index, kind, text, decisions.isEmpty() ? null : decisions));
    }
    return lines;
  }

  /** Of names that are bounded themselves; a longer text is one of many of them, and its end does not matter. */
  private static String bounded(String text) {
    int charactersMax = TEXT_BYTES_MAX / 4;
    return text.length() <= charactersMax ? text : text.substring(0, charactersMax - 1) + "…";
  }
}
