package dev.limpet.core.tidy;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** The text files of the project. */
final class Repository {
  private static final Set<String> TEXT_ENDINGS =
      Set.of(
          "java",
          "xml",
          "md",
          "sh",
          "txt",
          "properties",
          "config",
          "yml",
          "yaml",
          "json",
          "html",
          "css",
          "js",
          "sql");

  private static final Set<String> TEXT_NAMES =
      Set.of("limpet", "run", ".editorconfig", ".gitignore");

  private Repository() {}

  /** All text that people write, sorted by path; not what a build, an editor or git made. */
  static List<TextFile> textFiles(Path root) throws IOException {
    var files = new ArrayList<TextFile>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.equals(root) ? "" : folder.getFileName().toString();
            boolean hidden = name.startsWith(".") && !name.equals(".ci") && !name.equals(".mvn");
            boolean made = name.equals("target") || name.equals("node_modules");
            return hidden || made ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile() && isText(file.getFileName().toString())) {
              String path = root.relativize(file).toString().replace('\\', '/');
              files.add(new TextFile(path, linesOf(file)));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    files.sort(Comparator.comparing(TextFile::path));
    return files;
  }

  private static boolean isText(String name) {
    return TEXT_NAMES.contains(name)
        || TEXT_ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  private static List<String> linesOf(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new IOException(file + " is not UTF-8: save it as UTF-8", e);
    }
  }
}
