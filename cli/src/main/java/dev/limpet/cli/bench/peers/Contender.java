package dev.limpet.cli.bench.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Something to be measured: commands that print {@code MEASURE} and {@code RESULT} lines, see {@link Figures}.
 *
 * @param prepare a command that ends with 0 if it can be measured here, and else prints one line that says what to install;
 *     empty if there is nothing to ask
 * @param command starts one case
 */
record Contender(
    String name,
    Set<PeerCase> cases,
    List<String> prepare,
    BiFunction<PeerCase, Load, List<String>> command) {
  /** Limpet's own name. */
  static final String LIMPET = "limpet";

  /** Three JVMs share the cores, and each compiles for a minute what a commit goes through. */
  private static final int DURABLE_WARM_SECONDS = 60;

  /** How much of it: as in {@code limpet bench}. */
  record Load(int keys, int window, int processes, int warmSeconds, int seconds) {}

  /** One whose {@code run.sh} is in a folder of its name; what it takes is in {@code bench/README.md}. */
  static Contender script(String name, Path folder, Set<PeerCase> cases) {
    String script = folder.resolve(name).resolve("run.sh").toString();
    return new Contender(
        name,
        cases,
        List.of(script, "prepare"),
        (which, load) ->
            List.of(
                script,
                which.word(),
                Integer.toString(which == PeerCase.ACTIVATE ? load.processes() : load.keys()),
                Integer.toString(load.window()),
                Integer.toString(load.warmSeconds()),
                Integer.toString(load.seconds())));
  }

  /** {@code limpet bench} itself, by the command that starts this program. */
  static Contender limpet(List<String> launcher) {
    return new Contender(
        LIMPET,
        Set.of(PeerCase.values()),
        List.of(),
        (which, load) -> {
          List<String> command = new ArrayList<>(launcher);
          command.addAll(
              List.of(
                  "bench",
                  which.word(),
                  "--keys=" + load.keys(),
                  "--window=" + load.window(),
                  "--processes=" + load.processes(),
                  "--warm="
                      + (which == PeerCase.DURABLE
                          ? Math.max(load.warmSeconds(), DURABLE_WARM_SECONDS)
                          : load.warmSeconds()),
                  "--seconds=" + load.seconds()));
          return command;
        });
  }
}
