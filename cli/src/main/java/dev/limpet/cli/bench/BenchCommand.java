package dev.limpet.cli.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Stub. */
@Command(name = "bench")
public final class BenchCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 1;
  }
}
