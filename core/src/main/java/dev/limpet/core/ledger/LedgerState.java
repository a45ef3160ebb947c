package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import dev.limpet.core.Invariant;
import dev.limpet.core.ledger.Decision.Cause;
import dev.limpet.core.ledger.Outcome.Reason;
import dev.limpet.core.ledger.ShardHome.Move;
import java.util.ArrayList;
import java.util.Collections;
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
 * A type that names a role has a range of shards of its own, at home only on nodes that hold the role; what is said above of
 * all shards holds of each range by itself.
 *
 * Expire carries what its proposer had seen. A deposed leader may propose on old knowledge, and its entry may even be
 * committed later by a successor: the comparison with the last applied renewal makes it void.
 */
public final class LedgerState {
  /** What this code knows how to apply (rule 18); entries name the rules that they are applied by. */
  public static final int RULES = 1;

  static final Set<String> NO_ROLES = Collections.unmodifiableSet(new TreeSet<>());

  private long index;
  private String clusterId = "";
  private byte[] hashKey = new byte[0];
  private HostedTypes types = HostedTypes.NONE;
  private long lastEpoch;
  private final TreeMap<Long, Member> members = new TreeMap<>();

  /** The roles that each known node held when it last joined, by name. */
  private final TreeMap<String, Set<String>> known = new TreeMap<>();

  private final TreeSet<String> drained = new TreeSet<>();
  private final ShardBook shards = new ShardBook();
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
            index,
            clusterId,
            hashKey,
            types,
            members,
            shards.homes(),
            drained,
            pins.all(),
            shards.ranges());
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
      Member home = members.get(shard.home());
      Invariant.check(
          home == null
              ? members.values().stream().noneMatch(m -> m.holds(roleOf(s)))
              : home.holds(roleOf(s)),
          "a shard's home holds its role, and it has one if any member does",
          shard.home(),
          index);
    }
  }

  /** The numbers of all shards: the hashed ones, then the pins'. */
  private List<Integer> numbers() {
    List<Integer> all = shards.numbers();
    all.addAll(pins.numbers());
    return all;
  }

  int commonShards() {
    return shards.commonCount();
  }

  int hashedShardOf(ProcessId id) {
    return shards.shardOf(hashKey, id);
  }

  /** The role that a home of that shard must hold; empty if any member will do. */
  String roleOf(int s) {
    return shards.roleOf(hashed(s));
  }

  /** The shard itself, or the one that a pin's process is hashed into. */
  private int hashed(int s) {
    Pin pin = pins.numbered(s);
    return pin == null ? s : pin.hashed();
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
    return pins.numbered(s) != null || shards.holds(s);
  }

  ShardHome at(int s) {
    Pin pin = pins.numbered(s);
    return pin == null ? shards.at(s) : pin.at();
  }

  private void put(int s, ShardHome now) {
    Pin pin = pins.numbered(s);
    if (pin == null) {
      shards.put(s, now);
    } else {
      pins.put(pin.at(now));
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
    shards.form(c.shards());
    decisions.add(new Decision.Formed(clusterId, c.shards()));
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
    if (!alone && !types.text().equals(c.types())) {
      return new Outcome.Refused(
          Reason.TYPES_DIFFER,
          "the cluster hosts ["
              + types.text()
              + "] and node "
              + c.node()
              + " hosts ["
              + c.types()
              + "]");
    }
    HostedTypes before = types;
    HostedTypes hosted = HostedTypes.read(c.types());
    @Nullable String objection = alone ? shards.objection(hosted, before) : null;
    if (objection != null) {
      return new Outcome.Refused(Reason.TYPES_DIFFER, objection);
    }
    types = hosted;
    if (proven) {
      end(namesake.get(), decisions);
    }
    if (shards.usesRoles() || c.knowsRoles()) {
      shards.adopt(hosted, before, pins, decisions);
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
            c.incarnation(),
            c.roles()));
    decisions.add(new Decision.Joined(c.node(), registration, c.roles()));
    if (drained.remove(c.node())) {
      // A node that was emptied in order to be stopped takes part again when it comes back.
      decisions.add(new Decision.Undrained(c.node()));
    }
    if (known.put(c.node(), c.roles()) == null) {
      Spread.prefer(shards.common(), known.keySet(), c.node());
    }
    shards.prefer(known);
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

  /** Gives each of these shards a home, range by range. */
  private void rehome(ShardFilter which, Cause cause, List<Decision> decisions) {
    Map<Integer, List<Integer>> byRange = new TreeMap<>();
    for (int s : numbers()) {
      byRange.computeIfAbsent(shards.firstOf(hashed(s)), first -> new ArrayList<>()).add(s);
    }
    byRange.forEach(
        (first, numbers) -> rehome(shards.roleOf(first), numbers, which, cause, decisions));
  }

  /** The node that it prefers, else the member with the fewest of them; of those that hold the role. */
  private void rehome(
      String role,
      List<Integer> numbers,
      ShardFilter which,
      Cause cause,
      List<Decision> decisions) {
    List<ShardHome> all = numbers.stream().map(this::at).toList();
    List<Member> fit = members.values().stream().filter(m -> m.holds(role)).toList();
    List<Member> open = fit.stream().filter(m -> !drained.contains(m.name())).toList();
    Map<Long, Integer> load = Spread.load(all, open.isEmpty() ? fit : open);
    Map<String, Long> byName =
        open.stream().collect(Collectors.toMap(Member::name, Member::registration));
    List<Integer> homeless = new ArrayList<>();
    for (int s : numbers) {
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
    if (from == null
        || to == null
        || from.equals(to)
        || shard.move() != null
        || !to.holds(roleOf(s))) {
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
    if (!known.containsKey(c.node())) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "no node of the name " + c.node() + " was ever a member");
    }
    if (drained.add(c.node())) {
      decisions.add(new Decision.Drained(c.node()));
    }
    return new Outcome.Done();
  }

  private Outcome undrain(Command.Undrain c, List<Decision> decisions) {
    if (!known.containsKey(c.node())) {
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
    if (!known.containsKey(c.node())) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "no node of the name " + c.node() + " was ever a member");
    }
    if (known.size() == 1) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "node " + c.node() + " is the only one that is known");
    }
    known.remove(c.node());
    drained.remove(c.node());
    Spread.forget(shards.common(), known.keySet(), c.node());
    shards.prefer(known);
    decisions.add(new Decision.Forgotten(c.node()));
    return new Outcome.Done();
  }

  /** The names of all nodes that were ever members and are not forgotten. */
  public Set<String> known() {
    return new TreeSet<>(known.keySet());
  }

  /** The whole state, for a checkpoint. */
  public LedgerImage image() {
    return new LedgerImage(
        index,
        clusterId,
        hashKey,
        types.text(),
        lastEpoch,
        List.copyOf(members.values()),
        List.copyOf(known.keySet()),
        List.copyOf(drained),
        List.of(shards.common()),
        pins.lastNumber(),
        List.copyOf(pins.all().all()),
        roles());
  }

  private LedgerImage.@Nullable Roles roles() {
    ShardBook.Image ranges = shards.image();
    return ranges == null ? null : new LedgerImage.Roles(new TreeMap<>(known), ranges);
  }

  /** The state that an image was taken of. */
  public static LedgerState of(LedgerImage image) {
    LedgerState state = new LedgerState();
    state.index = image.index();
    state.clusterId = image.clusterId();
    state.hashKey = image.hashKey();
    state.types = HostedTypes.read(image.types());
    state.lastEpoch = image.lastEpoch();
    state.members.putAll(
        image.members().stream()
            .collect(Collectors.toMap(Member::registration, Function.identity())));
    LedgerImage.Roles roles = image.roles();
    image.known().forEach(name -> state.known.put(name, roles == null ? NO_ROLES : roles.of(name)));
    state.drained.addAll(image.drained());
    state.shards.restore(image.shards(), roles == null ? null : roles.ranges());
    state.pins.restore(image.lastPin(), image.pins());
    state.publish();
    return state;
  }
}
