package dev.limpet.cli.node;

import dev.limpet.cli.console.Refusal;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/*
 * SIGTERM and Ctrl-C, as an event that a thread can wait for. A shutdown hook would not do: hooks run at the same time
 * as those of the libraries (which close the log and the sockets under a node that still drains), and the JVM's exit
 * code would be 143 instead of 0. The JDK's class for signals is not part of its documented interface, so it is reached
 * by reflection; where it is missing, signals end the JVM in the usual way.
 */
/** The request to stop this JVM. Before somebody waits for it, and when it comes twice, it ends the JVM at once. */
final class StopSignal {
  private static final int INTERRUPTED = 130;

  private final CountDownLatch requested = new CountDownLatch(1);
  private volatile boolean awaited;

  private StopSignal() {}

  static StopSignal install() {
    StopSignal stop = new StopSignal();
    stop.handle("TERM");
    stop.handle("INT");
    return stop;
  }

  /** Returns when the signal has come. */
  void await() {
    awaited = true;
    try {
      requested.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.failed("interrupted");
    }
  }

  private void received() {
    if (!awaited || requested.getCount() == 0) {
      Runtime.getRuntime().halt(INTERRUPTED);
    }
    requested.countDown();
  }

  private void handle(String name) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler onCall =
          (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
              received();
            }
            return null;
          };
      Object listener =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(), new Class<?>[] {handler}, onCall);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), listener);
    } catch (ReflectiveOperationException e) {
      System.getLogger(StopSignal.class.getName())
          .log(
              System.Logger.Level.WARNING, "SIG" + name + " will end this node without a drain", e);
    }
  }
}
