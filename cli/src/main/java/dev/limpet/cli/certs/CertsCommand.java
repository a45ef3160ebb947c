package dev.limpet.cli.certs;

import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.console.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code limpet certs}: a CA of a cluster, and a certificate for each node. */
@Command(
    name = "certs",
    description =
        "Make a CA, unless there is one, and a certificate for each node: the directories that limpet"
            + " node --tls takes.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class CertsCommand implements Callable<Integer> {
  private static final int DAYS_MAX = 3_650;

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where they are put: the CA itself, and a directory for each node.")
  Path out = Path.of("");

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      description =
          "The cluster's name, as in limpet node --cluster-name; default that of the CA, or limpet.")
  @Nullable String cluster;

  @Option(
      names = "--days",
      paramLabel = "N",
      description = "How long they are valid; default ${DEFAULT-VALUE}.")
  int days = 365;

  @Option(
      names = "--force",
      description =
          "Replace certificates that there are, for the same hosts unless others are given.")
  boolean force;

  @Option(
      names = "--new-ca",
      description =
          "Make a new CA that signs from now on; every ca.pem holds it and the old one. Step 1 of a"
              + " change of CA.")
  boolean newCa;

  @Option(
      names = "--drop-old-ca",
      description =
          "Take the old CA out of every ca.pem, when all certificates are of the new one. The last"
              + " step.")
  boolean dropOldCa;

  @Parameters(
      paramLabel = "NODE[=HOST,...]",
      arity = "0..*",
      description =
          "A node's id, and the host names or addresses that the others dial; default localhost.")
  List<String> nodes = List.of();

  @Override
  public Integer call() {
    List<Subject> subjects = nodes.stream().map(Subject::parse).toList();
    if (cluster != null) {
      Subject.requireName("a cluster", cluster);
    }
    if (days < 1 || days > DAYS_MAX) {
      throw Refusal.usage("--days must be from 1 to " + DAYS_MAX + ", got " + days);
    }
    int wanted = (newCa ? 1 : 0) + (dropOldCa ? 1 : 0) + (subjects.isEmpty() ? 0 : 1);
    if (wanted != 1) {
      throw Refusal.usage("name nodes, or --new-ca, or --drop-old-ca, one of the three at a time");
    }
    try {
      run(new CertificateFolder(out, Instant.now()), subjects);
      return 0;
    } catch (FileSystemException e) {
      throw Refusal.failed("a file cannot be read or written: " + e);
    } catch (IOException e) {
      throw Refusal.failed("a file cannot be used: " + e.getMessage());
    }
  }

  private void run(CertificateFolder folder, List<Subject> subjects) throws IOException {
    if (newCa) {
      folder.addAuthority();
      say("a new CA signs from now on, and every ca.pem holds both.");
      say("Next: bring each node its new ca.pem. When all have it, make new certificates:");
      say("limpet certs --out " + out + " --force NODE...");
    } else if (dropOldCa) {
      folder.dropOldAuthorities();
      say("every ca.pem holds the new CA alone; bring each node its new ca.pem.");
    } else {
      issue(folder, subjects);
    }
  }

  private void issue(CertificateFolder folder, List<Subject> subjects) throws IOException {
    for (Subject subject : subjects) {
      if (!force && folder.has(subject.node())) {
        throw Refusal.failed(
            out.resolve(subject.node())
                + " has a certificate already: leave it out, or replace it with --force");
      }
    }
    Authority authority = authority(folder);
    Table table = new Table("NODE", "HOSTS", "VALID UNTIL", "DIRECTORY");
    for (Subject subject : subjects) {
      X509Certificate made = folder.issue(authority, subject, days);
      table.row(
          subject.node(),
          String.join(",", CertificateFolder.hosts(made)),
          made.getNotAfter().toInstant().toString(),
          out.resolve(subject.node()).toString());
    }
    PrintWriter stdout = spec.commandLine().getOut();
    table.lines().forEach(stdout::println);
    stdout.flush();
  }

  private Authority authority(CertificateFolder folder) throws IOException {
    if (!folder.hasAuthority()) {
      String name = cluster == null ? "limpet" : cluster;
      Authority made = folder.createAuthority(name);
      say("a CA for cluster " + name + "; keep " + out.resolve("ca.key") + " away from the nodes");
      return made;
    }
    Authority found = folder.authority();
    if (cluster != null && !cluster.equals(found.cluster())) {
      throw Refusal.failed(
          "the CA in "
              + out
              + " is that of cluster \""
              + found.cluster()
              + "\", not of \""
              + cluster
              + "\": choose another --out");
    }
    return found;
  }

  private void say(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }
}
