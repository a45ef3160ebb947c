package dev.limpet.cli.load;

import dev.limpet.Hosting;
import dev.limpet.ProcessContext;
import dev.limpet.Sticky;

/** Answers what it is given: what the size of a call costs. */
@Sticky("bench-echo")
public interface BenchEcho {
  byte[] echo(byte[] data);

  static void host(Hosting hosting) {
    hosting.host(BenchEcho.class, BenchEchoProcess::new);
  }
}

final class BenchEchoProcess implements BenchEcho {
  BenchEchoProcess(ProcessContext self) {}

  @Override
  public byte[] echo(byte[] data) {
    return data;
  }
}
