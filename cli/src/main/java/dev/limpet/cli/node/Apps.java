package dev.limpet.cli.node;

import dev.limpet.ErrorCode;
import dev.limpet.LimpetApp;
import dev.limpet.StartFailed;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Applications in jars of their own. Each jar has a class loader of its own, open as long as the node lives. */
final class Apps {
  private Apps() {}

  static List<LimpetApp> in(List<Path> jars) {
    List<LimpetApp> apps = new ArrayList<>();
    jars.forEach(jar -> apps.addAll(in(jar)));
    return apps;
  }

  private static List<LimpetApp> in(Path jar) {
    if (!Files.isReadable(jar)) {
      throw new StartFailed(
          ErrorCode.INVALID_SETTING,
          "--app " + jar + ": there is no such file, or it cannot be read");
    }
    // Never closed: the application's classes are loaded from it for as long as the node runs.
    ClassLoader loader = new URLClassLoader(new URL[] {url(jar)}, Apps.class.getClassLoader());
    try {
      List<LimpetApp> found =
          ServiceLoader.load(LimpetApp.class, loader).stream()
              .filter(provider -> loader.equals(provider.type().getClassLoader()))
              .map(ServiceLoader.Provider::get)
              .toList();
      if (found.isEmpty()) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING,
            "--app "
                + jar
                + " names no application: name its class in"
                + " META-INF/services/dev.limpet.LimpetApp");
      }
      return found;
    } catch (ServiceConfigurationError e) {
      throw new StartFailed(ErrorCode.INVALID_SETTING, "--app " + jar + ": " + e.getMessage());
    }
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new StartFailed(ErrorCode.INVALID_SETTING, "--app " + jar + ": " + e.getMessage());
    }
  }
}
