package dev.limpet;

import dev.limpet.spi.Evidence;
import dev.limpet.spi.Hosted;
import dev.limpet.spi.LimpetProvider;
import dev.limpet.spi.NodeSettings;
import dev.limpet.spi.RefusedPorts;
import dev.limpet.spi.Roles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a node; each has a default that works on one machine. Not thread-safe.
 *
 * <p>All first nodes of a cluster are given the same {@link #seeds}; with none, the node is a cluster of its own.
 */
public final class LimpetBuilder implements Hosting {
  private String cluster = "limpet";
  private String id = "n1";
  private Path data = Path.of(".limpet");
  private String clusterAddress = "127.0.0.1:7201";
  private String httpAddress = "";
  private List<String> seeds = List.of();
  private Duration deadline = Duration.ofSeconds(10);
  private NodeSettings.Timing timing = NodeSettings.Timing.DEFAULT;
  private RefusedPorts refusedPorts = RefusedPorts.LOOPBACK;
  private Set<Evidence> evidence = EnumSet.allOf(Evidence.class);
  private @Nullable Path tls;
  private boolean insecure;
  private boolean form;
  private Set<String> roles = Set.of();
  private Map<String, String> typeRoles = Map.of();
  private final List<Hosted<?>> hosted = new ArrayList<>();

  LimpetBuilder() {}

  /** The cluster's name; nodes of another name are refused. Default {@code limpet}. */
  public LimpetBuilder cluster(String name) {
    this.cluster = name;
    return this;
  }

  /** This node's name, unique in the cluster and the same after a restart. Default {@code n1}. */
  public LimpetBuilder id(String name) {
    this.id = name;
    return this;
  }

  /** Where the node keeps its log and its replica of the store; one node per directory. Default {@code .limpet}. */
  public LimpetBuilder data(Path directory) {
    this.data = directory;
    return this;
  }

  /** {@code host:port} on which the other nodes reach this one. Default {@code 127.0.0.1:7201}. */
  public LimpetBuilder clusterAddress(String hostAndPort) {
    this.clusterAddress = hostAndPort;
    return this;
  }

  /** {@code host:port} of the HTTP edge; empty for none, which is the default. */
  public LimpetBuilder httpAddress(String hostAndPort) {
    this.httpAddress = hostAndPort;
    return this;
  }

  /** The cluster addresses of the first nodes, this one included. */
  public LimpetBuilder seeds(String... hostAndPort) {
    this.seeds = List.of(hostAndPort);
    return this;
  }

  /** How long a call may take that names no deadline of its own. Default 10 s. */
  public LimpetBuilder deadline(Duration value) {
    this.deadline = value;
    return this;
  }

  /** Heartbeats and leases. */
  public LimpetBuilder timing(NodeSettings.Timing value) {
    this.timing = value;
    return this;
  }

  /** When a refused port is taken for a dead node. Default: on loopback. */
  public LimpetBuilder refusedPorts(RefusedPorts value) {
    this.refusedPorts = value;
    return this;
  }

  /** What else is taken for evidence of a death. Default: all that there is. */
  public LimpetBuilder evidence(Set<Evidence> value) {
    this.evidence = Set.copyOf(value);
    return this;
  }

  /**
   * TLS 1.3 between nodes, with certificates on both sides: a directory with {@code ca.pem}, {@code node.pem} and {@code
   * node.key}, as {@code limpet certs} makes them. Changed files are used for new connections within seconds. All nodes
   * of a cluster have TLS, or none.
   */
  public LimpetBuilder tls(Path directory) {
    this.tls = directory;
    return this;
  }

  /**
   * Allows addresses other than loopback although nothing between nodes (but with {@link #tls}), nor over HTTP, is
   * encrypted or authenticated. Only for networks in which everyone may do everything.
   */
  public LimpetBuilder insecure(boolean value) {
    this.insecure = value;
    return this;
  }

  /**
   * Lets a majority of the seeds form a cluster without the others: an operator's word that those that are silent belong
   * to none, and never will to another one. Without effect once this node belongs to a cluster.
   */
  public LimpetBuilder form(boolean value) {
    this.form = value;
    return this;
  }

  /**
   * What this node may host besides the types that name no role: those that {@linkplain Hosting.Options#role name} one of
   * these. Default: none. A node routes to every type, whatever it holds. May differ from start to start.
   */
  public LimpetBuilder roles(String... names) {
    this.roles = Set.copyOf(Arrays.asList(names));
    return this;
  }

  /**
   * The role that hosts a type, by the type's name, in place of the one that its options name; empty for any node. The same
   * on every node of the cluster.
   */
  public LimpetBuilder typeRoles(Map<String, String> roleByType) {
    this.typeRoles = Map.copyOf(roleByType);
    return this;
  }

  @Override
  public <P> LimpetBuilder host(Class<P> type, ProcessFactory<? extends P> factory) {
    return host(type, factory, Options.DEFAULT);
  }

  @Override
  public <P> LimpetBuilder host(
      Class<P> type, ProcessFactory<? extends P> factory, Options options) {
    hosted.add(new Hosted<>(type, factory, options));
    return this;
  }

  /**
   * Starts the node and returns when it serves.
   *
   * @throws StartFailed if it cannot be started; the message says what to change
   */
  public Limpet start() {
    return LimpetProvider.find()
        .start(
            new NodeSettings(
                cluster,
                id,
                data,
                clusterAddress,
                httpAddress,
                seeds,
                deadline,
                timing,
                refusedPorts,
                evidence,
                tls,
                insecure,
                form,
                new Roles(roles, typeRoles),
                List.copyOf(hosted)));
  }
}
