package dev.limpet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class UsageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          status --frobnicate                 | Unknown option: '--frobnicate'
          where wallet                        | Missing required parameter: 'KEY'
          nonsense                            | Unmatched argument at index 0: 'nonsense'
          status --url ftp://x                | --url must be like
          node --http 0.0.0.0:7101            | LMP-4002
          node --http 127.0.0.1:99999         | LMP-4002
          node --cluster 7201                 | LMP-4002
          node --seeds 127.0.0.1:7201,x       | LMP-4002
          node --store postgres:jdbc:x        | not available yet
          node --store floppy                 | --store must be embedded
          node --lease soon                   | --lease must be a number of milliseconds
          node --lease 500                    | three heartbeats
          node --config no-such-file          | there is no such file
          node --id ../x                      | LMP-4002
          node --app no-such.jar              | LMP-4002
          node --tls no-such-directory        | LMP-4011
          node --tls no-such-directory        | there is no file
          node --cluster 0.0.0.0:7201         | LMP-4010
          node --seeds 10.1.2.3:7201          | LMP-4010
          node --cluster 0.0.0.0:7201         | --tls (./limpet certs makes a first set)
          certs n1                            | --out
          certs --out x                       | name nodes
          certs --out x --new-ca n1           | one of the three
          certs --out x n/1                   | the name of a node
          certs --out x n1=1.2.3.4:7200       | neither a host name nor an address
          certs --out x --days 0 n1           | --days must be from 1
          certs --out x --cluster a/b n1      | the name of a cluster
          demo --nodes 0                      | --nodes
          demo --seconds 0                    | --seconds
          bench nonsense                      | nonsense
          bench                               | name one CASE, or say --peers
          bench local --peers                 | name one CASE, or say --peers
          bench --peers --rounds 0            | --rounds must be from 1
          bench local --only raw              | --only is for --peers
          bench local --nodes 3               | --nodes is for remote and durable
          bench remote --nodes 1              | --nodes must be from 2 to 5
          bench durable --payload 16          | --payload is for local and remote
          bench local --hot 101               | --hot must be from 0 to 100
          bench local --beside run.sh         | --beside is for http
          bench growth --only lamps           | there is no curve "lamps"
          bench activate --rate 100           | --rate is for local, remote, durable and move
          chaos --faults kill,flood           | no fault called "flood"; there are: kill,
          chaos --minutes 0                   | --minutes
          chaos --nodes 10                    | --nodes
          sim --minutes 0                     | --minutes
          sim --seed x                        | --seed
          """)
  void wrongUsage_isOneLineAndExitCode2(String arguments, String message) {
    Shell shell = Shell.run(arguments.split(" "));
    assertThat(shell.err()).startsWith("limpet: ").contains(message).hasLineCount(1);
    assertThat(shell.exitCode()).isEqualTo(2);
    assertThat(shell.out()).isEmpty();
  }

  @Test
  void settingUnknownInTheFile_isRefusedByName(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("node.properties"), "id=n1\ncolour=blue\n");
    Shell shell = Shell.run("node", "--config", file.toString());
    assertThat(shell.exitCode()).isEqualTo(2);
    assertThat(shell.err()).contains("colour");
  }

  @Test
  void sim_ofOneSeed_isTheSameEachTime_andItsLastLineSumsUp() {
    Shell shell = Shell.run("sim", "--seed", "3");
    assertThat(shell.exitCode()).isZero();
    assertThat(shell.out().strip().lines().toList().getLast())
        .startsWith("RESULT case=sim seeds=1 ")
        .endsWith("violations=0");
    assertThat(Shell.run("sim", "--seed", "3").out()).isEqualTo(shell.out());
  }

  @Test
  void help_goesToStdout() {
    Shell shell = Shell.run("--help");
    assertThat(shell.exitCode()).isZero();
    assertThat(shell.out())
        .contains(
            "demo", "node", "certs", "status", "where", "inspect", "watch", "drain", "undrain",
            "forget", "bench", "sim", "chaos");
    assertThat(Shell.run("node", "--help").out())
        .contains("--seeds")
        .doesNotContain("--exit-with-parent");
  }
}
