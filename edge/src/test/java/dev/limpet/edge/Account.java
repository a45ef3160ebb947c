package dev.limpet.edge;

import dev.limpet.Reads;
import dev.limpet.Sticky;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The type that the tests call. */
@Sticky("account")
public interface Account {
  long add(long n);

  void reset();

  long withdraw(long cents) throws NotCovered;

  @Nullable String note(String text, @Nullable String author);

  Line line(Line line);

  @Reads
  List<Long> history();

  record Line(String text, int size, List<String> tags) {}

  /** Declared. */
  final class NotCovered extends Exception {
    private static final long serialVersionUID = 1L;

    public NotCovered(String message) {
      super(message);
    }
  }
}
