package dev.limpet.values;

import dev.limpet.Sticky;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Java source compiled while the test runs, into class loaders and modules of its own. */
final class Compiled {
  private final Path classes;

  private Compiled(Path classes) {
    this.classes = classes;
  }

  /** Compiles sources by file name, such as {@code a/Wallet.java}. */
  static Compiled of(Path directory, Map<String, String> sources, String... options)
      throws Exception {
    Path classes = Files.createDirectories(directory.resolve("classes"));
    List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none"));
    boolean module = sources.containsKey("module-info.java");
    arguments.addAll(
        List.of(
            module ? "--module-path" : "--class-path",
            jar(Sticky.class) + java.io.File.pathSeparator + jar(Nullable.class)));
    arguments.addAll(List.of(options));
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path file = directory.resolve("src").resolve(source.getKey());
      Files.createDirectories(file.getParent());
      arguments.add(Files.writeString(file, source.getValue()).toString());
    }
    StringWriter said = new StringWriter();
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    int code =
        javac.run(new PrintWriter(said), new PrintWriter(said), arguments.toArray(String[]::new));
    if (code != 0) {
      throw new IOException(said.toString());
    }
    return new Compiled(classes);
  }

  URLClassLoader loader() throws IOException {
    return new URLClassLoader(new URL[] {classes.toUri().toURL()}, Compiled.class.getClassLoader());
  }

  /** The classes as a named module of its own layer. */
  ClassLoader module(String name) {
    ModuleLayer boot =
        Compiled.class.getModule().getLayer() == null
            ? ModuleLayer.boot()
            : Compiled.class.getModule().getLayer();
    var configuration =
        boot.configuration().resolve(ModuleFinder.of(classes), ModuleFinder.of(), Set.of(name));
    return boot.defineModulesWithOneLoader(configuration, Compiled.class.getClassLoader())
        .findLoader(name);
  }

  private static String jar(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }
}
