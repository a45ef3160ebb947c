package dev.limpet.cli.cluster;

import java.io.IOException;
import java.io.InputStream;

/**
 * Ends this JVM when its parent is gone, however it went: the parent holds the other end of this JVM's standard input,
 * and the operating system closes it. A parent that wants its children to live on writes {@link #LIVE_ON} first.
 */
public final class ParentWatch {
  /** Written by a parent that ends and leaves its children running. */
  public static final int LIVE_ON = 'k';

  private static final int EXIT_CODE = 3;

  private ParentWatch() {}

  public static void start() {
    Thread.ofPlatform().daemon().name("parent-watch").start(() -> watch(System.in));
  }

  private static void watch(InputStream in) {
    int read;
    try {
      read = in.read();
    } catch (IOException e) {
      read = -1;
    }
    if (read != LIVE_ON) {
      // Not an orderly leave: the parent is gone, and so may be the other nodes.
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }
}
