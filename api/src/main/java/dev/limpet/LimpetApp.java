package dev.limpet;

/** An application in a jar of its own, found through {@link java.util.ServiceLoader} by {@code limpet node --app JAR}. */
public interface LimpetApp {
  /** A short name for logs. */
  String name();

  /** Says which types the application hosts. */
  void host(Hosting hosting);
}
