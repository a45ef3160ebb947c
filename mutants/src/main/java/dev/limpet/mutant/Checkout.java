package dev.limpet.mutant;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the whole project is: Maven runs a test in its module's folder, an editor may run it elsewhere. */
public final class Checkout {
  private Checkout() {}

  /** The nearest folder upwards that holds {@code .ci}. */
  public static Path root() {
    Path start = Path.of("").toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve(".ci"))) {
        return folder;
      }
    }
    throw new IllegalStateException(
        "no folder above " + start + " holds .ci: run the tests inside the repository");
  }
}
