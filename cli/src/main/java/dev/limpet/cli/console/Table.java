package dev.limpet.cli.console;

import java.util.ArrayList;
import java.util.List;

/** Rows of text under headings, in aligned columns; a column of numbers only is aligned to the right. Not thread-safe. */
public final class Table {
  private static final String GAP = "  ";

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... headings) {
    this.headings = List.of(headings);
  }

  /** Adds a row with one cell for each heading. */
  public Table row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells for " + headings.size() + " headings");
    }
    rows.add(List.of(cells));
    return this;
  }

  /** The lines, without blanks at their ends. */
  public List<String> lines() {
    int columns = headings.size();
    int[] width = new int[columns];
    boolean[] right = new boolean[columns];
    for (int c = 0; c < columns; c++) {
      int column = c;
      width[c] = length(headings.get(c));
      rows.forEach(row -> width[column] = Math.max(width[column], length(row.get(column))));
      right[c] = !rows.isEmpty() && rows.stream().allMatch(row -> isNumber(row.get(column)));
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(headings, width, right));
    rows.forEach(row -> lines.add(line(row, width, right)));
    return lines;
  }

  private static String line(List<String> cells, int[] width, boolean[] right) {
    StringBuilder out = new StringBuilder();
    for (int c = 0; c < cells.size(); c++) {
      String pad = " ".repeat(width[c] - length(cells.get(c)));
      out.append(c == 0 ? "" : GAP);
      out.append(right[c] ? pad + cells.get(c) : cells.get(c) + pad);
    }
    return out.toString().stripTrailing();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static boolean isNumber(String text) {
    return text.equals("-") || text.matches("-?[0-9][0-9,.]*( (ms|s))?");
  }
}
