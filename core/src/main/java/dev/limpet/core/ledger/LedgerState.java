package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import dev.limpet.core.Invariant;
import dev.limpet.core.ledger.Decision.Cause;
import dev.limpet.core.ledger.Outcome.Reason;
import dev.limpet.core.ledger.ShardHome.Move;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that the cluster has decided. {@link #apply} is the only writer, and is the same on leader, follower and after a
 * restart. Hard state: everything here is in the log. Not thread-safe; {@link #placement} is what others may see.
 */
/*
 * Who may own what, in three sentences. A node is a member from its accepted Join until its Expire or Leave; the index
 * of the Join is its registration, and nothing of an ended registration ever counts again (rule 1). A shard's home is a
 * registration, and each change of home takes the next value of one counter as the shard's epoch, which the store
 * fences by. A planned move reserves the epoch when it starts and hands it over only when the source released; an expiry
 * of the source hands the shard to a survivor in the same entry, and voids the move.
 *
 * A pin is a shard of one process, with a number above the hashed ones and a home, an epoch and moves like theirs. It
 * begins where its process is, at the home of the hashed shard, and it ends there: an ending pin moves to the home of its
 * hashed shard, whichever that is by then, and only when both are at home on one node, which holds the process ready, does
 * the process belong to the hashed shard again. So what a process changes hands between is always within one node.
 *
 * Expire carries what its proposer had seen. A deposed leader may propose on old knowledge, and its entry may even be
 * committed later by a successor: the comparison with the last applied renewal makes it void.
 */
public final class LedgerState {
  /** What this code knows how to apply (rule 18); entries name the rules that they are applied by. */
  public static final int RULES = 1;

  private long index;
  private String clusterId = "";
  private byte[] hashKey = new byte[0];
  private String types = "";
  private long lastEpoch;
  private final TreeMap<Long, Member> members = new TreeMap<>();
  private final TreeSet<String> known = new TreeSet<>();
  private final TreeSet<String> drained = new TreeSet<>();
  private ShardHome[] shards = new ShardHome[0];
  private final PinBook pins = new PinBook();
  private final Pinning pinning = new Pinning(this, pins);
  private Placement placement = Placement.EMPTY;

  /** What an entry did. */
  public record Result(Outcome outcome, List<Decision> decisions) {
    public Result {
      decisions = List.copyOf(decisions);
    }
  }

  /** The view as of the last entry that changed anything but renewals. */
  public Placement placement() {
    return placement;
  }

  /** The last applied entry. */
  public long index() {
    return index;
  }

  /** The last applied renewal of a registration, or -1 if it is not a member. */
  public long sequenceOf(long registration) {
    Member m = members.get(registration);
    return m == null ? -1 : m.sequence();
  }

  /** Applies the entry at an index; entries come in order, each once. */
  public Result apply(long at, Command command) {
    Invariant.check(at > index, "ledger entries are applied in order", at, index);
    index = at;
    List<Decision> decisions = new ArrayList<>();
    Outcome outcome =
        switch (command) {
          case Command.Form c -> form(c, decisions);
          case Command.Join c -> join(c, decisions);
          case Command.Renew c -> renew(c);
          case Command.Expire c -> expire(c, decisions);
          case Command.Leave c -> leave(c, decisions);
          case Command.StartMoves c -> startMoves(c, decisions);
          case Command.Release c -> release(c, decisions);
          case Command.AbortMoves c -> abortMoves(c, decisions);
          case Command.Drain c -> drain(c, decisions);
          case Command.Undrain c -> undrain(c, decisions);
          case Command.Forget c -> forget(c, decisions);
          case Command.Pin c -> pinning.pin(c, decisions);
          case Command.Unpin c -> pinning.unpin(c, decisions);
          case Command.TakeIn c -> pinning.takeIn(c, decisions);
        };
    if (!decisions.isEmpty()) {
      pinning.bringEndingBack(decisions);
    }
    if (!decisions.isEmpty()) {
      publish();
    }
    return new Result(outcome, decisions);
  }

  private void publish() {
    Placement before = placement;
    placement =
        new Placement(
            index, clusterId, hashKey, types, members, Arrays.asList(shards), drained, pins.all());
    for (int s : numbers()) {
      ShardHome shard = at(s);
      ShardHome was = before.at(s);
      Invariant.check(
          was == null || shard.epoch() >= was.epoch(),
          "a shard's epoch never goes back",
          shard.epoch(),
          was == null ? 0 : was.epoch());
      Invariant.check(
          shard.home() == 0 || members.containsKey(shard.home()),
          "a shard's home is a member",
          shard.home(),
          index);
    }
  }

  /** The numbers of all shards: the hashed ones, then the pins'. */
  private List<Integer> numbers() {
    List<Integer> all = new ArrayList<>(shards.length + pins.numbers().size());
    for (int s = 0; s < shards.length; s++) {
      all.add(s);
    }
    all.addAll(pins.numbers());
    return all;
  }

  int hashedShards() {
    return shards.length;
  }

  int hashedShardOf(ProcessId id) {
    return KeyHash.shard(hashKey, id.type(), id.key(), shards.length);
  }

  long nextEpoch() {
    return ++lastEpoch;
  }

  boolean isDrained(String node) {
    return drained.contains(node);
  }

  @Nullable Member member(String node) {
    return members.values().stream().filter(m -> m.name().equals(node)).findFirst().orElse(null);
  }

  private boolean exists(int s) {
    return s < shards.length || pins.numbered(s) != null;
  }

  ShardHome at(int s) {
    return s < shards.length
        ? shards[s]
        : Invariant.present(pins.numbered(s), "a shard of that number exists").at();
  }

  private void put(int s, ShardHome now) {
    if (s < shards.length) {
      shards[s] = now;
    } else {
      pins.put(Invariant.present(pins.numbered(s), "a shard of that number exists").at(now));
    }
  }

  private Outcome form(Command.Form c, List<Decision> decisions) {
    if (!clusterId.isEmpty()) {
      return clusterId.equals(c.clusterId())
          ? new Outcome.Done()
          : new Outcome.Refused(Reason.OTHER_CLUSTER, "this is cluster " + clusterId);
    }
    Invariant.check(
        c.hashKey().length == KeyHash.KEY_BYTES,
        "the hash key has 16 bytes",
        c.hashKey().length,
        16);
    Invariant.check(c.shards() > 0, "there is a shard", c.shards(), 1);
    clusterId = c.clusterId();
    hashKey = c.hashKey().clone();
    shards = new ShardHome[c.shards()];
    Arrays.fill(shards, new ShardHome(0, 0, "", 0, null));
    decisions.add(new Decision.Formed(clusterId, shards.length));
    return new Outcome.Done();
  }

  private Outcome join(Command.Join c, List<Decision> decisions) {
    if (clusterId.isEmpty()) {
      return new Outcome.Refused(Reason.NOT_FORMED, "the cluster is not formed");
    }
    Optional<Member> namesake =
        members.values().stream().filter(m -> m.name().equals(c.node())).findFirst();
    boolean proven = namesake.isPresent() && namesake.get().hasGivenWayTo(c);
    if (namesake.isPresent() && !proven) {
      Member m = namesake.get();
      return m.boot().equals(c.boot())
          ? new Outcome.Joined(m.registration())
          : new Outcome.Refused(
              Reason.NAME_TAKEN,
              "node "
                  + c.node()
                  + " is a member since entry "
                  + m.registration()
                  + "; its lease must end first");
    }
    boolean alone = members.size() == (proven ? 1 : 0);
    if (!alone && !types.equals(c.types())) {
      return new Outcome.Refused(
          Reason.TYPES_DIFFER,
          "the cluster hosts [" + types + "] and node " + c.node() + " hosts [" + c.types() + "]");
    }
    types = c.types();
    if (proven) {
      end(namesake.get(), decisions);
    }
    long registration = index;
    members.put(
        registration,
        new Member(
            c.node(),
            registration,
            c.boot(),
            c.storage(),
            c.clusterAddress(),
            c.httpAddress(),
            0,
            c.incarnation()));
    decisions.add(new Decision.Joined(c.node(), registration));
    if (drained.remove(c.node())) {
      // A node that was emptied in order to be stopped takes part again when it comes back.
      decisions.add(new Decision.Undrained(c.node()));
    }
    if (known.add(c.node())) {
      Spread.prefer(shards, known, c.node());
    }
    rehome(s -> at(s).home() == 0, Cause.FIRST, decisions);
    return new Outcome.Joined(registration);
  }

  private Outcome renew(Command.Renew c) {
    List<Boolean> accepted = new ArrayList<>(c.renewals().size());
    for (Command.Renewal r : c.renewals()) {
      Member m = members.get(r.registration());
      if (m == null || !m.name().equals(r.node())) {
        accepted.add(false);
        continue;
      }
      if (r.sequence() > m.sequence()) {
        members.put(r.registration(), m.renewed(r.sequence()));
      }
      accepted.add(true);
    }
    return new Outcome.Renewed(accepted);
  }

  private Outcome expire(Command.Expire c, List<Decision> decisions) {
    Member m = members.get(c.registration());
    if (m == null || !m.name().equals(c.node())) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "registration " + c.registration() + " has ended");
    }
    if (m.sequence() > c.sequenceSeen()) {
      return new Outcome.Refused(Reason.OVERTAKEN, "node " + c.node() + " has renewed since");
    }
    end(m, decisions);
    return new Outcome.Done();
  }

  /** A member has ended without a word: nothing of its epochs counts any more. */
  private void end(Member m, List<Decision> decisions) {
    decisions.add(new Decision.Expired(m.name(), m.registration()));
    for (int s : numbers()) {
      if (at(s).home() == m.registration()) {
        put(s, at(s).expired());
      }
    }
    remove(m.registration(), decisions);
  }

  private Outcome leave(Command.Leave c, List<Decision> decisions) {
    Member m = members.get(c.registration());
    if (m == null || !m.name().equals(c.node())) {
      return new Outcome.Done();
    }
    decisions.add(new Decision.Left(c.node(), c.registration()));
    remove(c.registration(), decisions);
    return new Outcome.Done();
  }

  /** Ends a registration: its moves are void, its shards go to the survivors in the same entry. */
  private void remove(long registration, List<Decision> decisions) {
    members.remove(registration);
    for (int s : numbers()) {
      Move move = at(s).move();
      if (move != null && (move.target() == registration || at(s).home() == registration)) {
        put(s, at(s).staying());
        decisions.add(new Decision.MoveAborted(s, move.id()));
      }
    }
    rehome(s -> at(s).home() == registration, Cause.SPREAD, decisions);
  }

  private interface ShardFilter {
    boolean test(int shard);
  }

  /** Gives each of these shards a home: the node it prefers, else the member with the fewest shards. */
  private void rehome(ShardFilter which, Cause cause, List<Decision> decisions) {
    List<ShardHome> all = numbers().stream().map(this::at).toList();
    Map<Long, Integer> load = Spread.load(all, eligible().values());
    if (load.isEmpty()) {
      load = Spread.load(all, members.values());
    }
    Map<String, Long> byName =
        eligible().values().stream().collect(Collectors.toMap(Member::name, Member::registration));
    List<Integer> homeless = new ArrayList<>();
    for (int s : numbers()) {
      if (which.test(s)) {
        if (load.isEmpty()) {
          if (at(s).home() != 0) {
            put(s, at(s).orphaned());
            decisions.add(new Decision.Orphaned(s, at(s).epoch()));
          }
        } else {
          homeless.add(s);
        }
      }
    }
    homeless.sort(
        Comparator.comparing((Integer s) -> !byName.containsKey(at(s).preferred()))
            .thenComparing(s -> s));
    for (int s : homeless) {
      Long preferred = byName.get(at(s).preferred());
      long home = preferred != null ? preferred : Spread.lightest(load);
      load.merge(home, 1, Integer::sum);
      put(s, at(s).homed(home, ++lastEpoch));
      decisions.add(homedDecision(s, cause));
    }
  }

  /** Members that may be given shards: those that are not drained. */
  private Map<Long, Member> eligible() {
    Map<Long, Member> eligible = new TreeMap<>();
    members.forEach((registration, m) -> {
      if (!drained.contains(m.name())) {
        eligible.put(registration, m);
      }
    });
    return eligible;
  }

  Decision.Homed homedDecision(int s, Cause cause) {
    Member home = Invariant.present(members.get(at(s).home()), "a shard's home is a member");
    return new Decision.Homed(s, home.name(), home.registration(), at(s).epoch(), cause);
  }

  private Outcome startMoves(Command.StartMoves c, List<Decision> decisions) {
    for (Command.MoveWish wish : c.moves()) {
      if (exists(wish.shard()) && !pinning.takesPartInAnEnd(wish.shard())) {
        startMove(wish.shard(), wish.target(), decisions);
      }
    }
    return decisions.isEmpty() ? overtaken() : new Outcome.Done();
  }

  /** Reserves an epoch for the target, if the shard can move there now. */
  void startMove(int s, long target, List<Decision> decisions) {
    ShardHome shard = at(s);
    Member from = members.get(shard.home());
    Member to = members.get(target);
    if (from == null || to == null || from.equals(to) || shard.move() != null) {
      return;
    }
    Move move = new Move(index, target, ++lastEpoch);
    put(s, shard.moving(move));
    decisions.add(new Decision.MoveStarted(s, from.name(), to.name(), move.id(), move.epoch()));
  }

  private Outcome release(Command.Release c, List<Decision> decisions) {
    for (Command.Released r : c.shards()) {
      Move move = exists(r.shard()) ? at(r.shard()).move() : null;
      if (move != null && move.id() == r.move() && at(r.shard()).home() == c.registration()) {
        put(r.shard(), at(r.shard()).released(move, r.image()));
        decisions.add(homedDecision(r.shard(), Cause.MOVED));
      }
    }
    return decisions.isEmpty() ? overtaken() : new Outcome.Done();
  }

  private Outcome abortMoves(Command.AbortMoves c, List<Decision> decisions) {
    for (Command.Released r : c.moves()) {
      Move move = exists(r.shard()) ? at(r.shard()).move() : null;
      if (move != null && move.id() == r.move()) {
        put(r.shard(), at(r.shard()).staying());
        decisions.add(new Decision.MoveAborted(r.shard(), move.id()));
      }
    }
    return decisions.isEmpty() ? overtaken() : new Outcome.Done();
  }

  static Outcome overtaken() {
    return new Outcome.Refused(Reason.OVERTAKEN, "other decisions came first");
  }

  private Outcome drain(Command.Drain c, List<Decision> decisions) {
    if (!known.contains(c.node())) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "no node of the name " + c.node() + " was ever a member");
    }
    if (drained.add(c.node())) {
      decisions.add(new Decision.Drained(c.node()));
    }
    return new Outcome.Done();
  }

  private Outcome undrain(Command.Undrain c, List<Decision> decisions) {
    if (!known.contains(c.node())) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "no node of the name " + c.node() + " was ever a member");
    }
    if (drained.remove(c.node())) {
      decisions.add(new Decision.Undrained(c.node()));
    }
    return new Outcome.Done();
  }

  private Outcome forget(Command.Forget c, List<Decision> decisions) {
    if (members.values().stream().anyMatch(m -> m.name().equals(c.node()))) {
      return new Outcome.Refused(
          Reason.STILL_A_MEMBER, "node " + c.node() + " is a member; stop it first");
    }
    if (!known.contains(c.node())) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "no node of the name " + c.node() + " was ever a member");
    }
    if (known.size() == 1) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "node " + c.node() + " is the only one that is known");
    }
    known.remove(c.node());
    drained.remove(c.node());
    Spread.forget(shards, known, c.node());
    decisions.add(new Decision.Forgotten(c.node()));
    return new Outcome.Done();
  }

  /** The names of all nodes that were ever members and are not forgotten. */
  public Set<String> known() {
    return new TreeSet<>(known);
  }

  /** The whole state, for a checkpoint. */
  public Image image() {
    return new Image(
        index,
        clusterId,
        hashKey,
        types,
        lastEpoch,
        List.copyOf(members.values()),
        List.copyOf(known),
        List.copyOf(drained),
        List.of(shards),
        pins.lastNumber(),
        List.copyOf(pins.all().all()));
  }

  /** The state that an image was taken of. */
  public static LedgerState of(Image image) {
    LedgerState state = new LedgerState();
    state.index = image.index();
    state.clusterId = image.clusterId();
    state.hashKey = image.hashKey();
    state.types = image.types();
    state.lastEpoch = image.lastEpoch();
    state.members.putAll(
        image.members().stream()
            .collect(Collectors.toMap(Member::registration, Function.identity())));
    state.known.addAll(image.known());
    state.drained.addAll(image.drained());
    state.shards = image.shards().toArray(new ShardHome[0]);
    state.pins.restore(image.lastPin(), image.pins());
    state.publish();
    return state;
  }

  /** A copy of all that {@link LedgerState} holds. */
  public record Image(
      long index,
      String clusterId,
      byte[] hashKey,
      String types,
      long lastEpoch,
      List<Member> members,
      List<String> known,
      List<String> drained,
      List<ShardHome> shards,
      int lastPin,
      List<Pin> pins) {}
}
