package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.ProcessId;
import dev.limpet.Unavailable;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.core.ledger.ShardHome;
import dev.limpet.node.call.Calls;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.ClusterPart;
import dev.limpet.node.cluster.FrameKind;
import dev.limpet.node.door.Door.Failures;
import dev.limpet.node.door.Door.ProcessReport;
import dev.limpet.node.door.Door.StuckTurn;
import dev.limpet.node.home.LiveReport;
import dev.limpet.node.home.LocalShards;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks at one process at its home, near or far, without waking it. Thread-safe. */
final class Inspections {
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int TEXT_BYTES_MAX = 1 << 20;

  private final String node;
  private final ClusterPart cluster;
  private final LocalShards shards;
  private final @Nullable Transport transport;

  Inspections(String node, ClusterPart cluster, LocalShards shards, @Nullable Transport transport) {
    this.node = node;
    this.cluster = cluster;
    this.shards = shards;
    this.transport = transport;
  }

  ProcessReport inspect(ProcessId id) {
    Placement view = cluster.view();
    boolean hosted = view.types().hosts(id.type());
    Member home = hosted ? view.homeOf(view.shardOf(id)) : null;
    if (home == null) {
      String role = view.types().roleOf(id.type());
      if (!role.isEmpty()) {
        throw new Unavailable(ErrorCode.NO_ROLE, Executed.NO, Calls.noRole(role));
      }
      throw new Unavailable(ErrorCode.NO_HOME, Executed.NO, "the shard of " + id + " has no home");
    }
    if (home.registration() == cluster.registration() || transport == null) {
      return here(id, view);
    }
    byte[] body = new ByteWriter().text(id.type()).text(id.key()).toBytes();
    try {
      return decode(
          transport
              .link(Addresses.parse(home.clusterAddress()))
              .call(FrameKind.INSPECT, body, ASK_NANOS));
    } catch (LinkException e) {
      throw new Unavailable(
          ErrorCode.NO_HOME,
          Executed.NO,
          "node " + home.name() + " did not answer: " + e.getMessage());
    }
  }

  /** Answers {@link FrameKind#INSPECT}. */
  void serve(Inbound request) {
    ByteReader in = new ByteReader(request.body());
    ProcessId id =
        new ProcessId(in.text(ProcessId.TYPE_CHARS_MAX), in.text(ProcessId.KEY_BYTES_MAX));
    in.end();
    Thread unused =
        Thread.startVirtualThread(() -> {
          Placement view = cluster.view();
          if (view.formed()) {
            request.reply(encode(here(id, view)));
          } else {
            request.fail("this node has no view yet");
          }
        });
  }

  private ProcessReport here(ProcessId id, Placement view) {
    int shard = view.shardOf(id);
    ShardHome at = view.at(shard);
    LiveReport live = shards.find(shard, id);
    return live != null
        ? report(live, node)
        : new ProcessReport(
            id.type(),
            id.key(),
            shard,
            node,
            at == null ? 0 : at.epoch(),
            "passive",
            0,
            0,
            0,
            null,
            null,
            null,
            null);
  }

  static ProcessReport report(LiveReport r, String node) {
    return new ProcessReport(
        r.id().type(),
        r.id().key(),
        r.shard(),
        node,
        r.epoch(),
        r.state(),
        r.waiting(),
        r.idleMillis(),
        r.turns(),
        r.lastFailure(),
        r.failures(),
        r.stuck(),
        r.cells().isEmpty() ? null : new TreeMap<>(r.cells()));
  }

  static byte[] encode(ProcessReport r) {
    ByteWriter out = new ByteWriter(256);
    out.text(r.type())
        .text(r.key())
        .number(r.shard())
        .text(r.home())
        .number(r.epoch())
        .text(r.state());
    out.number(r.callsWaiting()).number(r.idleMillis()).number(r.turns());
    out.bool(r.lastFailure() != null);
    if (r.lastFailure() != null) {
      out.text(r.lastFailure());
    }
    encode(out, r.failures());
    encode(out, r.stuck());
    Map<String, String> cells = r.cells() == null ? Map.of() : r.cells();
    out.number(cells.size());
    cells.forEach((name, value) -> out.text(name).text(value));
    return out.toBytes();
  }

  private static void encode(ByteWriter out, @Nullable Failures f) {
    out.bool(f != null);
    if (f == null) {
      return;
    }
    out.bool(f.failing()).number(f.inARow()).number(f.restarts()).number(f.sinceMillis());
    Long next = f.nextAttemptMillis();
    out.bool(next != null);
    if (next != null) {
      out.number(next);
    }
    out.text(f.cause());
  }

  private static void encode(ByteWriter out, @Nullable StuckTurn s) {
    out.bool(s != null);
    if (s != null) {
      out.text(s.method()).number(s.millis()).number(s.stack().size());
      s.stack().forEach(out::text);
    }
  }

  private static Failures failures(ByteReader in) {
    boolean failing = in.bool();
    int inARow = in.count(Integer.MAX_VALUE);
    int restarts = in.count(Integer.MAX_VALUE);
    long since = in.number();
    Long next = in.bool() ? (Long) in.number() : null;
    return new Failures(failing, inARow, restarts, since, next, in.text(TEXT_BYTES_MAX));
  }

  private static StuckTurn stuckTurn(ByteReader in) {
    String method = in.text(1024);
    long millis = in.number();
    int frames = in.count(1_000);
    List<String> stack = new ArrayList<>(frames);
    for (int i = 0; i < frames; i++) {
      stack.add(in.text(TEXT_BYTES_MAX));
    }
    return new StuckTurn(method, millis, stack);
  }

  static ProcessReport decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    String type = in.text(ProcessId.TYPE_CHARS_MAX);
    String key = in.text(ProcessId.KEY_BYTES_MAX);
    int shard = in.count(Integer.MAX_VALUE);
    String home = in.text(256);
    long epoch = in.number();
    String state = in.text(64);
    int waiting = in.count(Integer.MAX_VALUE);
    long idle = in.number();
    long turns = in.number();
    String failure = in.bool() ? in.text(TEXT_BYTES_MAX) : null;
    Failures failures = in.bool() ? failures(in) : null;
    StuckTurn stuck = in.bool() ? stuckTurn(in) : null;
    int count = in.count(10_000);
    Map<String, String> cells = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      cells.put(in.text(256), in.text(4 << 20));
    }
    return new ProcessReport(
        type,
        key,
        shard,
        home,
        epoch,
        state,
        waiting,
        idle,
        turns,
        failure,
        failures,
        stuck,
        cells.isEmpty() ? null : cells);
  }
}
