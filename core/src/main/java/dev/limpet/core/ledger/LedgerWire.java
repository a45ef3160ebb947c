package dev.limpet.core.ledger;

import dev.limpet.CallRefused;
import dev.limpet.ProcessId;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteReader.Malformed;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.ledger.ShardHome.Move;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Commands, outcomes and images as bytes. The first byte names the rules that an entry is applied by (rule 18), the
 * second its kind.
 */
public final class LedgerWire {
  private static final int NAME_BYTES_MAX = 256;
  private static final int TEXT_BYTES_MAX = 1 << 20;
  private static final int LIST_MAX = 1 << 17;
  private static final int HASHED_SHARDS_MAX = 1 << 16;

  /** The form of an image that has what {@link LedgerImage.Roles} holds. */
  private static final int IMAGE_WITH_ROLES = 2;

  /** Pins and ranges are numbered above the common shards, and no number is used twice. */
  private static final int SHARD_MAX = Integer.MAX_VALUE - 1;

  private LedgerWire() {}

  public static byte[] encode(Command command) {
    ByteWriter out = new ByteWriter().u8(LedgerState.RULES);
    switch (command) {
      case Command.Form c -> out.u8(1).text(c.clusterId()).block(c.hashKey()).number(c.shards());
      case Command.Join c when c.knowsRoles() ->
          list(join(out.u8(30), c), c.roles(), ByteWriter::text);
      case Command.Join c -> join(out.u8(2), c);
      case Command.Renew c -> list(out.u8(3), c.renewals(), LedgerWire::renewal);
      case Command.Expire c ->
          out.u8(4).text(c.node()).number(c.registration()).number(c.sequenceSeen());
      case Command.Leave c -> out.u8(5).text(c.node()).number(c.registration());
      case Command.StartMoves c ->
          list(out.u8(6), c.moves(), (o, m) -> o.number(m.shard()).number(m.target()));
      case Command.Release c ->
          list(out.u8(7).text(c.node()).number(c.registration()), c.shards(), LedgerWire::released);
      case Command.AbortMoves c -> list(out.u8(8), c.moves(), LedgerWire::released);
      case Command.Drain c -> out.u8(9).text(c.node());
      case Command.Undrain c -> out.u8(10).text(c.node());
      case Command.Forget c -> out.u8(20).text(c.node());
      case Command.Pin c -> process(out.u8(11), c.id()).text(c.node());
      case Command.Unpin c -> process(out.u8(12), c.id());
      case Command.TakeIn c ->
          out.u8(13).text(c.node()).number(c.registration()).number(c.shard()).number(c.epoch());
    }
    return out.toBytes();
  }

  /** Throws {@link Malformed} on anything that {@link #encode} did not write. */
  public static Command decodeCommand(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int rules = in.u8();
    if (rules != LedgerState.RULES) {
      throw new Malformed(
          "an entry of rules " + rules + "; this node knows rules " + LedgerState.RULES);
    }
    int kind = in.u8();
    Command command =
        switch (kind) {
          case 1 -> form(in);
          case 2 -> withoutRoles(join(in));
          case 30 -> join(in).holding(roles(in));
          case 3 ->
              new Command.Renew(
                  list(
                      in,
                      i ->
                          new Command.Renewal(
                              name(i),
                              i.number(),
                              i.number(),
                              i.number(),
                              new Reach(i.bool(), i.bool()))));
          case 4 -> new Command.Expire(name(in), in.number(), in.number());
          case 5 -> new Command.Leave(name(in), in.number());
          case 6 ->
              new Command.StartMoves(
                  list(in, i -> new Command.MoveWish(i.count(SHARD_MAX), i.number())));
          case 7 -> new Command.Release(name(in), in.number(), list(in, LedgerWire::released));
          case 8 -> new Command.AbortMoves(list(in, LedgerWire::released));
          case 9 -> new Command.Drain(name(in));
          case 10 -> new Command.Undrain(name(in));
          case 20 -> new Command.Forget(name(in));
          case 11 -> new Command.Pin(process(in), name(in));
          case 12 -> new Command.Unpin(process(in));
          case 13 -> new Command.TakeIn(name(in), in.number(), in.count(SHARD_MAX), in.number());
          default -> throw new Malformed("a command of kind " + kind);
        };
    in.end();
    return command;
  }

  public static byte[] encode(Outcome outcome) {
    ByteWriter out = new ByteWriter();
    switch (outcome) {
      case Outcome.Done ignored -> out.u8(1);
      case Outcome.Joined o -> out.u8(2).number(o.registration());
      case Outcome.Renewed o -> list(out.u8(3), o.accepted(), ByteWriter::bool);
      case Outcome.Refused o -> out.u8(4).u8(o.reason().ordinal()).text(o.detail());
    }
    return out.toBytes();
  }

  public static Outcome decodeOutcome(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int kind = in.u8();
    Outcome outcome =
        switch (kind) {
          case 1 -> new Outcome.Done();
          case 2 -> new Outcome.Joined(in.number());
          case 3 -> new Outcome.Renewed(list(in, ByteReader::bool));
          case 4 -> new Outcome.Refused(reason(in.u8()), in.text(TEXT_BYTES_MAX));
          default -> throw new Malformed("an outcome of kind " + kind);
        };
    in.end();
    return outcome;
  }

  public static byte[] encode(LedgerImage image) {
    LedgerImage.Roles roles = image.roles();
    ByteWriter out = new ByteWriter(1024).u8(roles == null ? LedgerState.RULES : IMAGE_WITH_ROLES);
    out.number(image.index()).text(image.clusterId()).block(image.hashKey()).text(image.types());
    out.number(image.lastEpoch());
    list(
        out,
        image.members(),
        (o, m) ->
            o.text(m.name())
                .number(m.registration())
                .text(m.boot())
                .text(m.storage())
                .text(m.clusterAddress())
                .text(m.httpAddress())
                .number(m.sequence())
                .text(m.incarnation().lock())
                .number(m.incarnation().pid())
                .number(m.incarnation().startedMillis()));
    list(out, image.known(), ByteWriter::text);
    list(out, image.drained(), ByteWriter::text);
    list(out, image.shards(), LedgerWire::shard);
    out.number(image.lastPin());
    list(out, image.pins(), LedgerWire::pin);
    if (roles != null) {
      roles(out, roles);
    }
    return out.toBytes();
  }

  public static LedgerImage decodeImage(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int form = in.u8();
    if (form != LedgerState.RULES && form != IMAGE_WITH_ROLES) {
      throw new Malformed(
          "an image of rules " + form + "; this node knows rules " + IMAGE_WITH_ROLES);
    }
    LedgerImage image =
        new LedgerImage(
            in.number(),
            name(in),
            in.block(64),
            in.text(TEXT_BYTES_MAX),
            in.number(),
            list(
                in,
                i ->
                    new Member(
                        name(i),
                        i.number(),
                        name(i),
                        name(i),
                        name(i),
                        name(i),
                        i.number(),
                        incarnation(i),
                        LedgerState.NO_ROLES)),
            list(in, LedgerWire::name),
            list(in, LedgerWire::name),
            list(in, LedgerWire::shard),
            in.count(SHARD_MAX),
            list(in, LedgerWire::pin),
            null);
    if (form == IMAGE_WITH_ROLES) {
      image = image.with(imageRoles(in));
    }
    in.end();
    return image;
  }

  private static ByteWriter join(ByteWriter out, Command.Join c) {
    return out.text(c.node())
        .text(c.boot())
        .text(c.storage())
        .text(c.clusterAddress())
        .text(c.httpAddress())
        .text(c.types())
        .text(c.incarnation().lock())
        .number(c.incarnation().pid())
        .number(c.incarnation().startedMillis())
        .number(c.predecessor());
  }

  private static Command.Join join(ByteReader in) {
    return new Command.Join(
        name(in),
        name(in),
        name(in),
        name(in),
        name(in),
        in.text(TEXT_BYTES_MAX),
        incarnation(in),
        in.number());
  }

  /** Code that knows of no roles would take a type that names one for a common one. */
  private static Command.Join withoutRoles(Command.Join join) {
    if (join.knowsRoles()) {
      throw new Malformed("a join of the old kind whose types name roles");
    }
    return join;
  }

  private static Set<String> roles(ByteReader in) {
    return new TreeSet<>(list(in, LedgerWire::name));
  }

  private static void roles(ByteWriter out, LedgerImage.Roles roles) {
    out.number(roles.byName().size());
    roles.byName().forEach((name, held) -> list(out.text(name), held, ByteWriter::text));
    list(
        out,
        roles.ranges().ranges(),
        (o, r) -> o.text(r.type()).text(r.role()).number(r.first()).number(r.count()));
    list(out, roles.ranges().homes(), LedgerWire::shard);
    list(out, roles.ranges().commonTypes(), ByteWriter::text);
  }

  private static LedgerImage.Roles imageRoles(ByteReader in) {
    TreeMap<String, Set<String>> byName = new TreeMap<>();
    for (int left = in.count(LIST_MAX); left > 0; left--) {
      byName.put(name(in), roles(in));
    }
    List<ShardRange> ranges = list(in, LedgerWire::range);
    List<ShardHome> homes = list(in, LedgerWire::shard);
    if (ranges.stream().mapToLong(ShardRange::count).sum() != homes.size()) {
      throw new Malformed(homes.size() + " shards of ranges that have not as many");
    }
    return new LedgerImage.Roles(
        byName, new ShardBook.Image(ranges, homes, list(in, LedgerWire::name)));
  }

  private static ShardRange range(ByteReader in) {
    return new ShardRange(name(in), name(in), in.count(SHARD_MAX), in.count(HASHED_SHARDS_MAX));
  }

  private static Incarnation incarnation(ByteReader in) {
    return new Incarnation(name(in), in.number(), in.number());
  }

  private static Command form(ByteReader in) {
    Command.Form form =
        new Command.Form(name(in), in.block(KeyHash.KEY_BYTES), in.count(HASHED_SHARDS_MAX));
    if (form.clusterId().isEmpty()
        || form.hashKey().length != KeyHash.KEY_BYTES
        || form.shards() == 0) {
      throw new Malformed("a first entry needs a cluster id, a key of 16 bytes and a shard");
    }
    return form;
  }

  private static void shard(ByteWriter out, ShardHome s) {
    out.number(s.home()).number(s.epoch()).text(s.preferred()).number(s.expiredThrough());
    Move move = s.move();
    out.bool(move != null);
    if (move != null) {
      out.number(move.id()).number(move.target()).number(move.epoch());
    }
    out.number(s.image());
  }

  private static ShardHome shard(ByteReader in) {
    long home = in.number();
    long epoch = in.number();
    String preferred = name(in);
    long expiredThrough = in.number();
    @Nullable Move move = in.bool() ? new Move(in.number(), in.number(), in.number()) : null;
    return new ShardHome(home, epoch, preferred, expiredThrough, move, in.number());
  }

  private static void pin(ByteWriter out, Pin p) {
    process(out.number(p.number()), p.id()).number(p.hashed()).bool(p.ending());
    shard(out, p.at());
  }

  private static Pin pin(ByteReader in) {
    return new Pin(in.count(SHARD_MAX), process(in), in.count(SHARD_MAX), in.bool(), shard(in));
  }

  private static ByteWriter process(ByteWriter out, ProcessId id) {
    return out.text(id.type()).text(id.key());
  }

  private static ProcessId process(ByteReader in) {
    try {
      return new ProcessId(in.text(ProcessId.TYPE_CHARS_MAX), in.text(ProcessId.KEY_BYTES_MAX));
    } catch (CallRefused e) {
      throw new Malformed("no process: " + e.getMessage());
    }
  }

  private static void renewal(ByteWriter out, Command.Renewal r) {
    out.text(r.node()).number(r.registration()).number(r.sequence()).number(r.acknowledged());
    out.bool(r.reach().store()).bool(r.reach().peers());
  }

  private static void released(ByteWriter out, Command.Released r) {
    out.number(r.shard()).number(r.move()).number(r.image());
  }

  private static Command.Released released(ByteReader in) {
    return new Command.Released(in.count(SHARD_MAX), in.number(), in.number());
  }

  private static Outcome.Reason reason(int ordinal) {
    Outcome.Reason[] all = Outcome.Reason.values();
    if (ordinal >= all.length) {
      throw new Malformed("a reason of " + ordinal);
    }
    return all[ordinal];
  }

  private static String name(ByteReader in) {
    return in.text(NAME_BYTES_MAX);
  }

  private static <T> ByteWriter list(
      ByteWriter out, Collection<T> items, BiConsumer<ByteWriter, T> each) {
    out.number(items.size());
    items.forEach(item -> each.accept(out, item));
    return out;
  }

  private static <T> List<T> list(ByteReader in, Function<ByteReader, T> each) {
    int count = in.count(LIST_MAX);
    List<T> items = new ArrayList<>(Math.min(count, in.remaining()));
    for (int i = 0; i < count; i++) {
      items.add(each.apply(in));
    }
    return items;
  }
}
