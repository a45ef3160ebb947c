package dev.limpet.core.tidy;

import java.util.List;

/** A file of the repository as the tidy rules see it: its path from the root, with slashes, and its lines. */
record TextFile(String path, List<String> lines) {
  static TextFile of(String path, String text) {
    return new TextFile(path, text.lines().toList());
  }

  boolean isJava() {
    return path.endsWith(".java");
  }

  boolean isTest() {
    return path.contains("/src/test/");
  }

  boolean isMain() {
    return path.contains("/src/main/");
  }
}
