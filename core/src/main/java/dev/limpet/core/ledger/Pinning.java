package dev.limpet.core.ledger;

import dev.limpet.ProcessId;
import dev.limpet.core.ledger.Decision.Cause;
import dev.limpet.core.ledger.Outcome.Reason;
import dev.limpet.core.ledger.ShardHome.Move;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the ledger decides about pins; a part of {@link LedgerState}. */
final class Pinning {
  private final LedgerState ledger;
  private final PinBook pins;

  Pinning(LedgerState ledger, PinBook pins) {
    this.ledger = ledger;
    this.pins = pins;
  }

  Outcome pin(Command.Pin c, List<Decision> decisions) {
    if (ledger.commonShards() == 0) {
      return new Outcome.Refused(Reason.NOT_FORMED, "the cluster is not formed");
    }
    Member target = ledger.member(c.node());
    if (target == null) {
      return new Outcome.Refused(
          Reason.NOT_A_MEMBER, "no node of the name " + c.node() + " is a member now");
    }
    if (ledger.isDrained(c.node())) {
      return new Outcome.Refused(
          Reason.DRAINED, "node " + c.node() + " is drained, and takes no process");
    }
    String role = ledger.roleOf(ledger.hashedShardOf(c.id()));
    if (!target.holds(role)) {
      return new Outcome.Refused(
          Reason.LACKS_ROLE,
          "node %s does not hold the role %s, which type %s names"
              .formatted(c.node(), role, c.id().type()));
    }
    @Nullable Pin known = pins.of(c.id());
    return known == null ? anew(c.id(), target, decisions) : elsewhere(known, target, decisions);
  }

  /** A pin begins where its process is, with an epoch of its own, and moves on from there. */
  private Outcome anew(ProcessId id, Member target, List<Decision> decisions) {
    int hashed = ledger.hashedShardOf(id);
    ShardHome from = ledger.at(hashed);
    if (from.home() == 0 || from.move() != null) {
      // Its home is giving the hashed shard away, and with it this process: afterwards.
      return LedgerState.overtaken();
    }
    if (pins.numbers().size() >= Pin.COUNT_MAX) {
      return new Outcome.Refused(
          Reason.TOO_MANY_PINS,
          Pin.COUNT_MAX + " processes have a home of their own; unpin one of them first");
    }
    ShardHome at =
        new ShardHome(from.home(), ledger.nextEpoch(), target.name(), from.expiredThrough(), null);
    Pin pin = pins.add(ledger.commonShards(), id, hashed, at);
    decisions.add(pinned(pin, target));
    decisions.add(ledger.homedDecision(pin.number(), Cause.PINNED));
    ledger.startMove(pin.number(), target.registration(), decisions);
    return new Outcome.Done();
  }

  private Outcome elsewhere(Pin pin, Member target, List<Decision> decisions) {
    Move move = pin.at().move();
    if (pin.ending() || (move != null && move.target() != target.registration())) {
      return LedgerState.overtaken();
    }
    if (!pin.at().preferred().equals(target.name())) {
      pins.put(pin.at(pin.at().prefer(target.name())));
      decisions.add(pinned(pin, target));
    }
    ledger.startMove(pin.number(), target.registration(), decisions);
    return new Outcome.Done();
  }

  private static Decision pinned(Pin pin, Member target) {
    return new Decision.Pinned(pin.number(), pin.id().type(), pin.id().key(), target.name());
  }

  Outcome unpin(Command.Unpin c, List<Decision> decisions) {
    @Nullable Pin pin = pins.of(c.id());
    if (pin == null) {
      return new Outcome.Refused(Reason.NOT_PINNED, c.id() + " has no home of its own");
    }
    if (!pin.ending()) {
      pins.put(pin.end());
      decisions.add(
          new Decision.PinEnding(pin.number(), c.id().type(), c.id().key(), pin.hashed()));
    }
    return new Outcome.Done();
  }

  /** Ending pins follow their hashed shard, wherever that is by now. */
  void bringEndingBack(List<Decision> decisions) {
    for (Pin pin : pins.all().ending()) {
      ShardHome hashed = ledger.at(pin.hashed());
      if (hashed.move() == null) {
        ledger.startMove(pin.number(), hashed.home(), decisions);
      }
    }
  }

  /** The only way in which a pin is removed: both homes are one node, which has the process ready. */
  Outcome takeIn(Command.TakeIn c, List<Decision> decisions) {
    @Nullable Pin pin = pins.numbered(c.shard());
    if (pin == null
        || !pin.ending()
        || pin.at().move() != null
        || pin.at().epoch() != c.epoch()
        || pin.at().home() != c.registration()
        || ledger.at(pin.hashed()).home() != c.registration()
        || ledger.at(pin.hashed()).move() != null) {
      return LedgerState.overtaken();
    }
    pins.remove(pin.number());
    decisions.add(
        new Decision.Unpinned(pin.number(), pin.id().type(), pin.id().key(), pin.hashed()));
    return new Outcome.Done();
  }

  /** An ending pin goes only where its hashed shard is, and a hashed shard stays while it takes one in. */
  boolean takesPartInAnEnd(int shard) {
    @Nullable Pin pin = pins.numbered(shard);
    return pin == null
        ? pins.all().ending().stream()
            .anyMatch(p -> p.hashed() == shard && p.at().home() == ledger.at(shard).home())
        : pin.ending();
  }
}
