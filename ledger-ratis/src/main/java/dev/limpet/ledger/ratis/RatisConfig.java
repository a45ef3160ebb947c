package dev.limpet.ledger.ratis;

import dev.limpet.engine.StateMachine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link RatisHost} needs to know; made with {@link #builder()}.
 *
 * @param clusterId identifies the cluster for ever; group ids are derived from it
 * @param self this replica: node, storage id and the address at which the others reach it
 * @param voters the first voters, as agreed when the cluster was formed, this one included; after the first start the
 *     log's own membership counts. Empty for a replica that is added to running groups
 * @param directory where logs, checkpoints and the machines' own files go; belongs to this host alone
 * @param bind where gRPC listens, normally a free port on loopback: the node's own listener hands connections through
 * @param groups the groups by name, and what each builds
 * @param follows pairs of groups: the leader of the first is kept on the node that leads the second
 * @param prompt the groups whose followers are told at once what has committed; those of others learn it with the next
 *     entry, or within half of the shortest election timeout
 * @param tuning sizes and paces
 * @param tls for the connections that this replica makes; null for plain ones. What listens is plain: whoever hands
 *     connections through to it ends their TLS
 * @param admits whether a connection from an address may call this replica
 * @param onBound told the address gRPC listens on, before any group takes part
 * @param onEnded told once, from a thread of its own, when a replica that should run was ended in good order, as the
 *     other voters do with one that they do not count; the node closes the host, and may start another on the directory
 * @param onFatal told once, from a thread of its own, when this replica cannot go on; the node halts the process
 */
public record RatisConfig(
    String clusterId,
    Voter self,
    List<Voter> voters,
    Path directory,
    InetSocketAddress bind,
    Map<String, StateMachine> groups,
    Map<String, String> follows,
    Set<String> prompt,
    LogTuning tuning,
    @Nullable PeerTls tls,
    Predicate<InetSocketAddress> admits,
    Consumer<InetSocketAddress> onBound,
    Consumer<Throwable> onEnded,
    Consumer<Throwable> onFatal) {

  /**
   * Asked at each handshake, so that both may change their minds.
   *
   * @param keys shows who this replica is
   * @param trust judges who the others are, their hosts included
   */
  public record PeerTls(X509ExtendedKeyManager keys, X509ExtendedTrustManager trust) {}

  public RatisConfig {
    voters = List.copyOf(voters);
    groups = Map.copyOf(groups);
    follows = Map.copyOf(follows);
    prompt = Set.copyOf(prompt);
    if (clusterId.isEmpty()) {
      throw new IllegalArgumentException("the cluster id must not be empty");
    }
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("name at least one group and its state machine");
    }
    if (!voters.isEmpty() && !voters.contains(self)) {
      throw new IllegalArgumentException(
          self
              + " is not one of the agreed voters "
              + voters
              + "; a new storage must be added as a new voter");
    }
    if (directory.toAbsolutePath().toString().contains(",")) {
      // Ratis would read it as a list of directories.
      throw new IllegalArgumentException(
          "the data directory must not have a comma in its path: " + directory);
    }
    if (!groups.keySet().containsAll(prompt)) {
      throw new IllegalArgumentException(
          "the groups " + prompt + " must be hosted here: " + groups.keySet());
    }
    for (var pair : follows.entrySet()) {
      if (!groups.containsKey(pair.getKey()) || !groups.containsKey(pair.getValue())) {
        throw new IllegalArgumentException(
            "both groups of " + pair + " must be hosted here: " + groups.keySet());
      }
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects a {@link RatisConfig}; not for use by several threads. */
  public static final class Builder {
    private @Nullable String clusterId;
    private @Nullable Voter self;
    private List<Voter> voters = List.of();
    private @Nullable Path directory;
    private InetSocketAddress bind = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private final Map<String, StateMachine> groups = new LinkedHashMap<>();
    private final Map<String, String> follows = new LinkedHashMap<>();
    private final Set<String> prompt = new HashSet<>();
    private LogTuning tuning = LogTuning.DEFAULT;
    private @Nullable PeerTls tls;
    private Predicate<InetSocketAddress> admits = from -> true;
    private Consumer<InetSocketAddress> onBound = address -> {};
    private @Nullable Consumer<Throwable> onEnded;
    private @Nullable Consumer<Throwable> onFatal;

    private Builder() {}

    public Builder clusterId(String id) {
      clusterId = id;
      return this;
    }

    public Builder self(Voter voter) {
      self = voter;
      return this;
    }

    public Builder voters(List<Voter> agreed) {
      voters = agreed;
      return this;
    }

    public Builder directory(Path path) {
      directory = path;
      return this;
    }

    public Builder bind(InetSocketAddress address) {
      bind = address;
      return this;
    }

    public Builder group(String name, StateMachine machine) {
      groups.put(name, machine);
      return this;
    }

    /** Keeps the leader of {@code group} on the node that leads {@code leader}. */
    public Builder follow(String group, String leader) {
      follows.put(group, leader);
      return this;
    }

    /** Followers of {@code group} are told at once what has committed. */
    public Builder prompt(String group) {
      prompt.add(group);
      return this;
    }

    public Builder tuning(LogTuning sizes) {
      tuning = sizes;
      return this;
    }

    /** Null, as at first: plain connections. */
    public Builder tls(@Nullable PeerTls managers) {
      tls = managers;
      return this;
    }

    /** At first whoever reaches the port. */
    public Builder admits(Predicate<InetSocketAddress> from) {
      admits = from;
      return this;
    }

    public Builder onBound(Consumer<InetSocketAddress> callback) {
      onBound = callback;
      return this;
    }

    /** At first the same as {@link #onFatal}. */
    public Builder onEnded(Consumer<Throwable> callback) {
      onEnded = callback;
      return this;
    }

    public Builder onFatal(Consumer<Throwable> callback) {
      onFatal = callback;
      return this;
    }

    public RatisConfig build() {
      var fatal =
          Objects.requireNonNull(
              onFatal, "onFatal is missing: without it a broken replica would go unnoticed");
      return new RatisConfig(
          Objects.requireNonNull(clusterId, "clusterId is missing"),
          Objects.requireNonNull(self, "self is missing"),
          voters,
          Objects.requireNonNull(directory, "directory is missing"),
          bind,
          groups,
          follows,
          prompt,
          tuning,
          tls,
          admits,
          onBound,
          onEnded == null ? fatal : onEnded,
          fatal);
    }
  }
}
