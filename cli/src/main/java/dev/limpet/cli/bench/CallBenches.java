package dev.limpet.cli.bench;

import dev.limpet.Limpet;
import dev.limpet.LocalBuilder;
import dev.limpet.cli.cluster.NodeChild;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.http.Wire;
import dev.limpet.cli.load.BenchCounter;
import dev.limpet.examples.Counter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** What calls cost, over the Java interface. */
final class CallBenches {
  private static final int ANSWER_MILLIS = 5_000;
  private static final int KEYS_TRIED_MAX = 100;

  private CallBenches() {}

  static String local(CallLoad load) throws InterruptedException {
    LocalBuilder builder = Limpet.local();
    BenchCounter.host(builder);
    try (Limpet limpet = builder.start()) {
      BenchCounter[] counters =
          counters(limpet, IntStream.range(0, load.keys()).mapToObj(i -> "k" + i).toList());
      return load.run("local", key -> counters[key].add(1), "");
    }
  }

  static String remote(CallLoad load, boolean tls) throws InterruptedException {
    try (BenchMember member = BenchMember.start(2, tls, load)) {
      NodeChild home = member.cluster().nodes().getFirst();
      load.say("looking for " + load.keys() + " keys whose home is " + home.id());
      BenchCounter[] counters = counters(member.limpet(), keysOf(home, load.keys()));
      return load.run("remote", key -> counters[key].add(1), tls ? "tls=yes" : "");
    }
  }

  static String durable(CallLoad load, boolean tls) throws InterruptedException {
    try (BenchMember member = BenchMember.start(3, tls, load)) {
      Counter[] counters =
          IntStream.range(0, load.keys())
              .mapToObj(i -> member.limpet().get(Counter.class, "k" + i))
              .toArray(Counter[]::new);
      return load.run(
          "durable",
          key -> counters[key].add(1),
          "store=embedded nodes=3 from=member" + (tls ? " tls=yes" : ""));
    }
  }

  private static BenchCounter[] counters(Limpet limpet, List<String> keys) {
    return keys.stream()
        .map(key -> limpet.get(BenchCounter.class, key))
        .toArray(BenchCounter[]::new);
  }

  private static List<String> keysOf(NodeChild home, int count) {
    List<String> keys = new ArrayList<>();
    try (Wire wire = Wire.connect(home.http(), ANSWER_MILLIS)) {
      for (int i = 0; keys.size() < count && i < count * KEYS_TRIED_MAX; i++) {
        Wire.Reply where = wire.get("/admin/where/bench-counter/k" + i, ANSWER_MILLIS);
        if (where.status() != 200) {
          throw Refusal.failed("node " + home.id() + " does not say where a key lives: " + where);
        }
        if (JsonMapper.shared()
            .readTree(where.body())
            .path("home")
            .asString("")
            .equals(home.id())) {
          keys.add("k" + i);
        }
      }
    } catch (IOException e) {
      throw Refusal.failed("node " + home.id() + " does not answer: " + e.getMessage());
    }
    if (keys.size() < count) {
      throw Refusal.failed("node " + home.id() + " is the home of too few keys: " + keys.size());
    }
    return keys;
  }
}
