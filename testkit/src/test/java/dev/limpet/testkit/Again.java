package dev.limpet.testkit;

import dev.limpet.Executed;
import dev.limpet.LimpetException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** On a machine that is busy with other things a node may lose its lease at any time: what certainly did not run is called again. */
final class Again {
  private Again() {}

  static <R> R call(Callable<R> what) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        return what.call();
      } catch (LimpetException e) {
        if (e.executed() != Executed.NO || System.nanoTime() - until >= 0) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }
}
