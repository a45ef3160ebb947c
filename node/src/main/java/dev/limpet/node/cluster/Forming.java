package dev.limpet.node.cluster;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.forming.Acceptor;
import dev.limpet.core.forming.Ballot;
import dev.limpet.core.forming.Founder;
import dev.limpet.core.forming.Pact;
import dev.limpet.core.forming.Proposal;
import dev.limpet.core.forming.Proposal.Step;
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
 * What is decided, and why there are never two, is in core.forming (Proposal). Here are its messages and its disk: a seed
 * saves what it promises and accepts before it says so. A seed attempts when every seed has answered, or, with the
 * operator's word (--form), a majority; and whoever belongs to a cluster settles it for all who ask.
 */
public final class Forming {
  private static final System.Logger LOG = System.getLogger(Forming.class.getName());
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long PAUSE_MILLIS = 150;
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Forming takes less if nothing hinders it. */
  private static final long TELL_FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A seed that is not the first waits for so many rounds before it attempts itself. */
  private static final int ROUNDS_FOR_THE_FIRST = 10;

  private final DataDirectory data;
  private final String node;
  private final String address;
  private final List<InetSocketAddress> seeds;
  private final List<String> seedTexts;
  private final int self;
  private final boolean byOperator;

  // Guarded by this.
  private Acceptor state;
  private @Nullable Agreement formed;

  /**
   * A node that knows what its disk says.
   *
   * @param seeds the addresses of all first nodes, this one's included; or, for a node that joins later, of some nodes
   *     of the cluster
   * @param byOperator whether a majority of the seeds may form a cluster without the others
   */
  public Forming(
      DataDirectory data, String node, String address, List<String> seeds, boolean byOperator) {
    this.data = data;
    this.node = node;
    this.address = address;
    this.seedTexts = List.copyOf(seeds);
    this.seeds = seeds.stream().map(Addresses::parse).toList();
    this.self = this.seeds.indexOf(Addresses.parse(address));
    this.byOperator = byOperator;
    this.state = data.acceptor(new Founder(node, data.storage(), address));
    this.formed = data.formed();
  }

  /** The agreement this node belongs to, if it is known already. */
  public synchronized @Nullable Agreement formed() {
    return formed;
  }

  // What the other seeds ask.

  /** Answers {@link FrameKind#FORM_STATUS}. */
  public void status(Inbound request) {
    request.reply(FormingWire.encode(state()));
  }

  /** Answers {@link FrameKind#FORM_PREPARE} and {@link FrameKind#FORM_ACCEPT}. */
  public void take(Inbound request) {
    request.reply(FormingWire.encode(take(FormingWire.wish(request.body()))));
  }

  private synchronized Acceptor state() {
    return state;
  }

  private synchronized Acceptor take(FormingWire.Wish wish) {
    Acceptor next =
        wish.pact() == null
            ? state.prepare(wish.ballot())
            : state.accept(wish.ballot(), wish.pact());
    if (!next.equals(state)) {
      data.accepted(next);
      state = next;
    }
    return state;
  }

  /** Belongs to what the next state says, if it says so. */
  private synchronized @Nullable Agreement settle(Acceptor next) {
    if (formed == null && next.formed() != null) {
      Agreement agreement = Agreement.of(next.formed());
      data.formed(agreement);
      formed = agreement;
      state = next;
      LOG.log(
          Level.INFO,
          "node {0} belongs to cluster {1} of {2} voters",
          node,
          agreement.clusterId(),
          agreement.voters().size());
    }
    return formed;
  }

  private synchronized @Nullable Agreement learn(Ballot asAsked, Pact pact) {
    return settle(state.learn(asAsked, pact));
  }

  private synchronized @Nullable Agreement conclude(Ballot ballot, Pact pact) {
    return settle(state.conclude(ballot, pact));
  }

  /** The voters are others now: told to those who ask, and known at the next start. */
  public synchronized void votersAre(List<Voter> voters, long since) {
    Agreement before = formed;
    if (before != null) {
      Agreement now = new Agreement(before.clusterId(), voters, since);
      data.formed(now);
      formed = now;
      state =
          new Acceptor(
              state.self(), state.promised(), state.acceptedAt(), state.accepted(), now.pact());
    }
  }

  // What this node asks.

  /** Waits until it is known which cluster this node belongs to; says every few seconds what it waits for. */
  public Agreement await(Transport transport) throws InterruptedException {
    long tellAt = System.nanoTime() + TELL_FIRST_NANOS;
    int ready = 0;
    while (true) {
      Agreement known = formed();
      if (known != null) {
        return known;
      }
      Ballot asAsked = state().promised();
      List<@Nullable Acceptor> answers = ask(transport, FrameKind.FORM_STATUS, new byte[0]);
      for (Acceptor a : answers) {
        if (a != null && a.formed() != null) {
          known = learn(asAsked, a.formed());
        }
      }
      if (known == null && mayAttempt(answers)) {
        ready++;
        if (byOperator || self == first() || ready > ROUNDS_FOR_THE_FIRST) {
          known = attempt(transport, answers);
        }
      }
      if (known != null) {
        return known;
      }
      if (System.nanoTime() - tellAt > 0) {
        tellAt = System.nanoTime() + TELL_NANOS;
        LOG.log(Level.WARNING, "node {0} waits for a cluster: {1}", node, hindrance(answers));
      }
      // Those who attempt at once get apart by their places.
      Thread.sleep(PAUSE_MILLIS + 40L * Math.max(self, 0));
    }
  }

  private List<@Nullable Acceptor> ask(Transport transport, int kind, byte[] body) {
    List<@Nullable Acceptor> answers = new ArrayList<>();
    StartFailed refusal = null;
    boolean heard = false;
    for (int i = 0; i < seeds.size(); i++) {
      if (i == self) {
        answers.add(kind == FrameKind.FORM_STATUS ? state() : take(FormingWire.wish(body)));
        continue;
      }
      Acceptor answer = null;
      try {
        answer = ask(transport, i, kind, body);
      } catch (StartFailed e) {
        refusal = e;
      }
      heard |= answer != null;
      answers.add(answer);
    }
    // One seed that refuses, by a wrong certificate of its own perhaps, keeps nobody from the
    // others.
    if (refusal != null && !heard) {
      throw refusal;
    }
    return answers;
  }

  private @Nullable Acceptor ask(Transport transport, int seed, int kind, byte[] body) {
    try {
      return FormingWire.acceptor(transport.link(seeds.get(seed)).call(kind, body, ASK_NANOS));
    } catch (LinkException | ByteReader.Malformed e) {
      if (e instanceof LinkException l && l.reason() == LinkException.Reason.HELLO_REFUSED) {
        // For good.
        throw new StartFailed(
            ErrorCode.FORMING_BLOCKED,
            "seed " + seedTexts.get(seed) + " is not for this node: " + l.getMessage());
      }
      LOG.log(
          Level.DEBUG, () -> "seed " + seedTexts.get(seed) + " did not answer: " + e.getMessage());
      return null;
    }
  }

  private boolean mayAttempt(List<@Nullable Acceptor> answers) {
    long answered = answers.stream().filter(a -> a != null).count();
    return self >= 0 && (answered == seeds.size() || (byOperator && answered > seeds.size() / 2));
  }

  private @Nullable Agreement attempt(Transport transport, List<@Nullable Acceptor> known) {
    long round = 0;
    for (Acceptor a : known) {
      round = Math.max(round, a == null ? 0 : a.promised().round());
    }
    Ballot ballot = new Ballot(round + 1, data.storage());
    Proposal proposal = new Proposal(ballot, seeds.size(), byOperator);
    List<@Nullable Acceptor> answers =
        ask(
            transport,
            FrameKind.FORM_PREPARE,
            FormingWire.encode(new FormingWire.Wish(ballot, null)));
    for (int i = 0; i < answers.size(); i++) {
      Acceptor a = answers.get(i);
      if (a != null) {
        proposal.answered(i, a);
      }
    }
    return switch (proposal.step(UUID.randomUUID().toString())) {
      case Step.Formed ignored -> null; // the next round asks, and learns it
      case Step.Overtaken ignored -> null;
      case Step.Wait ignored -> null;
      case Step.Propose(Pact pact) -> propose(transport, ballot, pact);
    };
  }

  private @Nullable Agreement propose(Transport transport, Ballot ballot, Pact pact) {
    if (pact.founders().stream().map(Founder::node).distinct().count() != pact.founders().size()) {
      throw new StartFailed(
          ErrorCode.FORMING_BLOCKED,
          "two of the seeds have the same node name: "
              + pact.founders()
              + "; give each its own --id");
    }
    List<@Nullable Acceptor> answers =
        ask(
            transport,
            FrameKind.FORM_ACCEPT,
            FormingWire.encode(new FormingWire.Wish(ballot, pact)));
    boolean all =
        pact.founders().stream()
            .allMatch(f ->
                answers.stream()
                    .anyMatch(a -> a != null && a.self().is(f) && a.acceptedIn(ballot)));
    return all ? conclude(ballot, pact) : null;
  }

  /** The seed that attempts before the others: the first by the text of its address, whatever their order. */
  private int first() {
    int first = 0;
    for (int i = 1; i < seedTexts.size(); i++) {
      if (seedTexts.get(i).compareTo(seedTexts.get(first)) < 0) {
        first = i;
      }
    }
    return first;
  }

  private String hindrance(List<@Nullable Acceptor> answers) {
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
    if (silent.isEmpty()) {
      return "all seeds have answered, and one of them is to propose";
    }
    boolean majority = answers.size() - silent.size() > seeds.size() / 2;
    return "it forms by itself only when every seed has answered, and there is no answer from "
        + String.join(", ", silent)
        + (majority
            ? "; a majority has: if those that are silent never belonged to a cluster, start this node with --form"
            : "; not even a majority of the seeds has");
  }
}
