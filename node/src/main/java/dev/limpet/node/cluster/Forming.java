package dev.limpet.node.cluster;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.Transport;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the first nodes become one cluster, and never two. Answers the other seeds, and finds out or decides which cluster
 * this node belongs to.
 */
/*
 * One seed proposes: the one whose address comes first. It asks every seed what it knows. Only when all have answered,
 * and none belongs to a cluster, does it write down a cluster id and the voters (each with its storage id), and asks
 * every seed to accept them. A seed accepts one agreement in its life, on disk before it says so. When all have accepted
 * the cluster is formed; the others learn it by asking.
 *
 * Why there are never two: an agreement needs every seed, and each seed accepts one only. A proposer that crashed goes on
 * with what it wrote down; one whose disk was lost is refused by the others and says so. That is more cautious than a
 * quorum: with one seed missing nothing forms.
 */
public final class Forming {
  private static final System.Logger LOG = System.getLogger(Forming.class.getName());
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long PAUSE_MILLIS = 150;
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final DataDirectory data;
  private final String node;
  private final String address;
  private final List<InetSocketAddress> seeds;
  private final List<String> seedTexts;
  private final int self;

  // Guarded by this.
  private @Nullable Agreement promised;
  private @Nullable Agreement formed;

  /**
   * A node that knows what its disk says.
   *
   * @param seeds the addresses of all first nodes, this one's included; or, for a node that joins later, of some nodes
   *     of the cluster
   */
  public Forming(DataDirectory data, String node, String address, List<String> seeds) {
    this.data = data;
    this.node = node;
    this.address = address;
    this.seedTexts = List.copyOf(seeds);
    this.seeds = seeds.stream().map(Addresses::parse).toList();
    this.self = this.seeds.indexOf(Addresses.parse(address));
    this.promised = data.promise();
    this.formed = data.formed();
  }

  /** The agreement this node belongs to, if it is known already. */
  public synchronized @Nullable Agreement formed() {
    return formed;
  }

  // What the other seeds ask.

  /** Answers {@link FrameKind#FORM_STATUS}. */
  public void status(Inbound request) {
    request.reply(encode(own()));
  }

  /** Answers {@link FrameKind#FORM_ACCEPT}. */
  public void accept(Inbound request) {
    ByteReader in = new ByteReader(request.body());
    Agreement wish = Agreement.read(in);
    in.end();
    request.reply(encode(accept(wish)));
  }

  private synchronized Known own() {
    return new Known(node, data.storage(), formed != null, formed != null ? formed : promised);
  }

  private synchronized Known accept(Agreement wish) {
    if (promised == null && formed == null && wish.contains(node, data.storage())) {
      data.promise(wish);
      promised = wish;
    }
    return own();
  }

  private synchronized Agreement settle(Agreement agreement) {
    if (formed == null) {
      data.formed(agreement);
      formed = agreement;
      LOG.log(
          Level.INFO,
          "node {0} belongs to cluster {1} of {2} nodes",
          node,
          agreement.clusterId(),
          agreement.voters().size());
    }
    return agreement;
  }

  /** The voters are others now: told to those who ask, and known at the next start. */
  public synchronized void votersAre(List<Voter> voters) {
    Agreement before = formed;
    if (before != null) {
      Agreement now = new Agreement(before.clusterId(), voters);
      data.formed(now);
      formed = now;
    }
  }

  // What this node asks.

  /** Waits until it is known which cluster this node belongs to; says every few seconds what it waits for. */
  public Agreement await(Transport transport) throws InterruptedException {
    long told = System.nanoTime();
    while (true) {
      Agreement known = formed();
      if (known != null) {
        return known;
      }
      List<@Nullable Known> answers = ask(transport);
      Agreement found = look(transport, answers);
      if (found != null) {
        return settle(found);
      }
      if (System.nanoTime() - told > TELL_NANOS) {
        told = System.nanoTime();
        LOG.log(Level.WARNING, "node {0} waits for a cluster: {1}", node, hindrance(answers));
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private List<@Nullable Known> ask(Transport transport) {
    List<@Nullable Known> answers = new ArrayList<>();
    for (int i = 0; i < seeds.size(); i++) {
      answers.add(i == self ? own() : ask(transport, i, FrameKind.FORM_STATUS, new byte[0]));
    }
    return answers;
  }

  private @Nullable Known ask(Transport transport, int seed, int kind, byte[] body) {
    try {
      return decode(transport.link(seeds.get(seed)).call(kind, body, ASK_NANOS));
    } catch (LinkException | ByteReader.Malformed e) {
      if (e instanceof LinkException l && l.reason() == LinkException.Reason.HELLO_REFUSED) {
        // For good, and nothing forms without every seed.
        throw new StartFailed(
            ErrorCode.FORMING_BLOCKED,
            "seed " + seedTexts.get(seed) + " is not for this node: " + l.getMessage());
      }
      LOG.log(
          Level.DEBUG, () -> "seed " + seedTexts.get(seed) + " did not answer: " + e.getMessage());
      return null;
    }
  }

  private @Nullable Agreement look(Transport transport, List<@Nullable Known> answers) {
    for (Known k : answers) {
      if (k != null && k.formed() && k.agreement() != null) {
        return k.agreement();
      }
    }
    if (self < 0 || answers.contains(null) || self != proposer()) {
      return null;
    }
    return propose(transport, answers);
  }

  private @Nullable Agreement propose(Transport transport, List<@Nullable Known> answers) {
    Agreement wish = promised();
    if (wish == null) {
      List<Voter> voters = new ArrayList<>();
      for (int i = 0; i < answers.size(); i++) {
        Known k = answers.get(i);
        if (k != null) {
          voters.add(new Voter(k.node(), k.storage(), i == self ? address : seedTexts.get(i)));
        }
      }
      long names = voters.stream().map(Voter::node).distinct().count();
      if (names != voters.size()) {
        throw new StartFailed(
            ErrorCode.FORMING_BLOCKED,
            "two of the seeds have the same node name: " + voters + "; give each its own --id");
      }
      wish = new Agreement(UUID.randomUUID().toString(), voters);
      Known mine = accept(wish);
      wish = mine.agreement() == null ? wish : mine.agreement();
    }
    ByteWriter body = new ByteWriter();
    wish.write(body);
    boolean all = true;
    for (int i = 0; i < seeds.size(); i++) {
      Known k = i == self ? own() : ask(transport, i, FrameKind.FORM_ACCEPT, body.toBytes());
      all &= k != null && wish.equals(k.agreement());
    }
    return all ? wish : null;
  }

  private synchronized @Nullable Agreement promised() {
    return promised;
  }

  /** The seed that proposes: the first by the text of its address, so that all agree on it whatever their order. */
  private int proposer() {
    int first = 0;
    for (int i = 1; i < seedTexts.size(); i++) {
      if (seedTexts.get(i).compareTo(seedTexts.get(first)) < 0) {
        first = i;
      }
    }
    return first;
  }

  private String hindrance(List<@Nullable Known> answers) {
    if (self < 0) {
      return "no seed that answered belongs to one; its own address "
          + address
          + " is not among the seeds "
          + String.join(",", seedTexts)
          + ", so it joins a cluster and forms none";
    }
    List<String> silent = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i) == null) {
        silent.add(seedTexts.get(i));
      }
    }
    if (!silent.isEmpty()) {
      return "it forms only when every seed has answered, and there is no answer from "
          + String.join(", ", silent);
    }
    Agreement mine = promised();
    for (Known k : answers) {
      if (k != null && k.agreement() != null && !k.agreement().equals(mine)) {
        return "seed "
            + k.node()
            + " has accepted another agreement, of cluster "
            + k.agreement().clusterId()
            + "; a data directory was emptied while the cluster was being formed. Empty those of all seeds, if none holds"
            + " anything yet";
      }
    }
    return "all seeds have answered, and " + seedTexts.get(proposer()) + " is to propose";
  }

  /** What a seed says of itself. */
  private record Known(
      String node, String storage, boolean formed, @Nullable Agreement agreement) {}

  private static byte[] encode(Known k) {
    ByteWriter out =
        new ByteWriter()
            .text(k.node())
            .text(k.storage())
            .bool(k.formed())
            .bool(k.agreement() != null);
    if (k.agreement() != null) {
      k.agreement().write(out);
    }
    return out.toBytes();
  }

  private static Known decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    String node = in.text(256);
    String storage = in.text(256);
    boolean formed = in.bool();
    Known known = new Known(node, storage, formed, in.bool() ? Agreement.read(in) : null);
    in.end();
    return known;
  }
}
