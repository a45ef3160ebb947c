package dev.limpet.cli.node;

import dev.limpet.Limpet;
import dev.limpet.LimpetBuilder;
import dev.limpet.cli.cluster.ParentWatch;
import dev.limpet.cli.console.Logs;
import dev.limpet.cli.console.Refusal;
import dev.limpet.cli.load.BenchCounter;
import dev.limpet.cli.load.BenchEcho;
import dev.limpet.cli.load.Register;
import dev.limpet.examples.ExampleApp;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code limpet node}: one node in the foreground, until it is told to stop. */
@Command(
    name = "node",
    description = "Run one node in the foreground. SIGTERM or Ctrl-C: it drains and leaves.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class NodeCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--id",
      paramLabel = "NAME",
      description = "Its name, the same after a restart; default n1.")
  @Nullable String id;

  @Option(names = "--data", paramLabel = "DIR", description = "Its files; default .limpet/NAME.")
  @Nullable String data;

  @Option(
      names = "--cluster",
      paramLabel = "HOST:PORT",
      description = "Where other nodes reach it; default 127.0.0.1:7201.")
  @Nullable String cluster;

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      description = "Where it serves HTTP; default 127.0.0.1:7101.")
  @Nullable String http;

  @Option(
      names = "--seeds",
      paramLabel = "HOST:PORT,...",
      description =
          "Cluster addresses of the first nodes, the same on each; without them it is a cluster of"
              + " its own.")
  @Nullable String seeds;

  @Option(
      names = "--cluster-name",
      paramLabel = "NAME",
      description = "The cluster's name; default limpet.")
  @Nullable String clusterName;

  @Option(
      names = "--store",
      paramLabel = "STORE",
      description = "Where state is saved; default embedded.")
  @Nullable String store;

  @Option(
      names = "--app",
      paramLabel = "JAR",
      description = "An application to host beside the examples; several: separated by commas.")
  @Nullable String app;

  @Option(
      names = "--heartbeat",
      paramLabel = "MS",
      description = "How often it renews its lease; default 400, the same on all nodes.")
  @Nullable String heartbeat;

  @Option(
      names = "--lease",
      paramLabel = "MS",
      description = "How long its lease lasts; default 3000, the same on all nodes.")
  @Nullable String lease;

  @Option(
      names = "--refused-ports",
      paramLabel = "WHEN",
      description =
          "When a refused port is taken for a dead node: loopback (the default), always or never.")
  @Nullable String refusedPorts;

  @Option(
      names = "--evidence",
      paramLabel = "KINDS",
      description =
          "What else proves that a node is dead: lock (of its data directory, at its restart) and"
              + " child (its parent's word); default both, or none.")
  @Nullable String evidence;

  @Option(
      names = "--roles",
      paramLabel = "ROLE,...",
      description = "What it may host besides the types that name no role; default none.")
  @Nullable String roles;

  @Option(
      names = "--type-roles",
      paramLabel = "TYPE=ROLE,...",
      description =
          "Let only nodes with the role host a type, whatever the application says; the same on all"
              + " nodes.")
  @Nullable String typeRoles;

  @Option(
      names = "--tls",
      paramLabel = "DIR",
      description =
          "TLS between nodes, with ca.pem, node.pem and node.key of this directory (see: limpet"
              + " certs); all nodes or none.")
  @Nullable String tls;

  @Option(
      names = "--insecure",
      description =
          "Allow addresses other than loopback, though HTTP, and without --tls what nodes say to each"
              + " other, is not encrypted and nobody is asked who he is.")
  boolean insecure;

  @Option(
      names = "--form",
      description =
          "Let a majority of the seeds form a cluster: those that do not answer belong to none.")
  boolean form;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Java properties with the names of these options; the command line wins.")
  @Nullable Path config;

  /** The node is a child of the demo or of a measurement: it ends with its parent, whatever ends that. */
  @Option(names = "--exit-with-parent", hidden = true)
  boolean exitWithParent;

  /** Hosts the types of the measurements and of chaos, too. */
  @Option(names = "--bench", hidden = true)
  boolean bench;

  @Override
  public Integer call() throws Exception {
    if (exitWithParent) {
      ParentWatch.start();
    }
    Logs.setUp();
    StopSignal stop = StopSignal.install();
    NodePlan plan = NodePlan.of(settings());
    LimpetBuilder builder =
        Limpet.builder()
            .id(plan.id())
            .data(plan.data())
            .cluster(plan.clusterName())
            .clusterAddress(plan.cluster())
            .httpAddress(plan.http())
            .seeds(plan.seeds().toArray(String[]::new))
            .timing(plan.timing())
            .refusedPorts(plan.refusedPorts())
            .evidence(plan.evidence())
            .roles(plan.roles().held().toArray(String[]::new))
            .typeRoles(plan.roles().ofTypes())
            .insecure(plan.insecure())
            .form(plan.form());
    plan.tls().ifPresent(builder::tls);
    new ExampleApp().host(builder);
    Apps.in(plan.apps()).forEach(found -> found.host(builder));
    if (bench) {
      BenchCounter.host(builder);
      BenchEcho.host(builder);
      Register.host(builder);
    }
    try (Limpet limpet = builder.start()) {
      say(
          "ready: node %s of cluster %s, cluster address %s, http://%s"
              .formatted(limpet.nodeId(), plan.clusterName(), plan.cluster(), plan.http()));
      stop.await();
      say("stopping: node " + limpet.nodeId() + " drains and leaves");
    }
    say("stopped");
    return 0;
  }

  private void say(String line) {
    spec.commandLine().getErr().println(line);
    spec.commandLine().getErr().flush();
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    if (config != null) {
      Properties file = read(config);
      file.stringPropertyNames()
          .forEach(name -> settings.put(name, file.getProperty(name).strip()));
    }
    put(settings, "id", id);
    put(settings, "data", data);
    put(settings, "cluster", cluster);
    put(settings, "http", http);
    put(settings, "seeds", seeds);
    put(settings, "cluster-name", clusterName);
    put(settings, "store", store);
    put(settings, "app", app);
    put(settings, "heartbeat", heartbeat);
    put(settings, "lease", lease);
    put(settings, "tls", tls);
    put(settings, "refused-ports", refusedPorts);
    put(settings, "evidence", evidence);
    put(settings, "roles", roles);
    put(settings, "type-roles", typeRoles);
    put(settings, "insecure", insecure ? "true" : null);
    put(settings, "form", form ? "true" : null);
    return settings;
  }

  private static void put(Map<String, String> settings, String name, @Nullable String value) {
    if (value != null) {
      settings.put(name, value);
    }
  }

  private static Properties read(Path file) {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(in);
    } catch (NoSuchFileException e) {
      throw Refusal.usage("--config " + file + ": there is no such file");
    } catch (IOException | IllegalArgumentException e) {
      throw Refusal.usage("--config " + file + " cannot be read: " + e.getMessage());
    }
    return properties;
  }
}
