package dev.limpet.engine;

import java.nio.charset.StandardCharsets;

/** Which column names there may be: those that survive UTF-8 unchanged and fit into a row's key. */
final class ColumnNames {
  private ColumnNames() {}

  static void check(String column) {
    if (column.isEmpty()) {
      throw new IllegalArgumentException("the column name is empty");
    }
    for (int i = 0; i < column.length(); i++) {
      char c = column.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < column.length()
                && Character.isLowSurrogate(column.charAt(i + 1));
        if (!pair) {
          throw new IllegalArgumentException(
              "the column name has half of a surrogate pair at " + i);
        }
        i++;
      }
    }
    if (column.length() * 3L > Store.COLUMN_BYTES_MAX) {
      int bytes = column.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > Store.COLUMN_BYTES_MAX) {
        throw new IllegalArgumentException(
            "the column name has "
                + bytes
                + " bytes of UTF-8; at most "
                + Store.COLUMN_BYTES_MAX
                + " are allowed");
      }
    }
  }
}
