package dev.limpet.node.cluster;

import dev.limpet.ProcessId;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.engine.LogException;
import dev.limpet.engine.ReplicatedLog;
import dev.limpet.engine.Store;
import dev.limpet.node.home.Async;
import dev.limpet.store.embedded.StoreReads;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.LinkException;
import dev.limpet.transport.Transport;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Loads of a node that has no replica of the store: from a voter's, once that has applied the wanted entry (rule 9).
 * Thread-safe.
 */
/*
 * A process may have more columns than one frame takes, so they come in several answers, in the order of their names.
 * They may even come from different replicas, because nothing changes between: a home loads after its claim, which shuts
 * out the commits of all others, and commits nothing of a process that it has not loaded.
 */
public final class StoreLoads implements StoreReads {
  private static final long ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int ANSWER_BYTES = 1 << 16;
  private static final int COLUMNS_MAX = 1 << 16;
  private static final int VALUE_BYTES_MAX = 2 << 20;

  private final Voters voters;
  private final ReplicatedLog log;
  private final Transport transport;

  /**
   * Loads from these voters.
   *
   * @param log the store's log; its leader is asked first, as it has applied all that it acknowledged
   */
  public StoreLoads(Voters voters, ReplicatedLog log, Transport transport) {
    this.voters = voters;
    this.log = log;
    this.transport = transport;
  }

  /** What is asked for: the columns after that name. */
  private record Wanted(int shard, ProcessId id, long atLeast, String after) {
    byte[] encode() {
      return new ByteWriter(128)
          .number(shard)
          .text(id.type())
          .text(id.key())
          .number(atLeast)
          .text(after)
          .toBytes();
    }

    static Wanted decode(byte[] bytes) {
      ByteReader in = new ByteReader(bytes);
      int shard = in.count(1 << 16);
      ProcessId id =
          new ProcessId(in.text(ProcessId.TYPE_CHARS_MAX), in.text(ProcessId.KEY_BYTES_MAX));
      Wanted wanted = new Wanted(shard, id, in.number(), in.text(Store.COLUMN_BYTES_MAX));
      in.end();
      return wanted;
    }
  }

  @Override
  public CompletableFuture<Map<String, byte[]>> load(int shard, ProcessId id, long atLeast) {
    CompletableFuture<Map<String, byte[]>> result = new CompletableFuture<>();
    Thread unused =
        Thread.startVirtualThread(() -> {
          try {
            result.complete(all(shard, id, atLeast));
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private Map<String, byte[]> all(int shard, ProcessId id, long atLeast) {
    Map<String, byte[]> columns = new HashMap<>();
    String after = "";
    boolean more = true;
    while (more) {
      ByteReader in = new ByteReader(ask(new Wanted(shard, id, atLeast, after)));
      more = in.bool();
      int count = in.count(COLUMNS_MAX);
      for (int i = 0; i < count; i++) {
        after = in.text(Store.COLUMN_BYTES_MAX);
        columns.put(after, in.block(VALUE_BYTES_MAX));
      }
      in.end();
    }
    return columns;
  }

  private byte[] ask(Wanted wanted) {
    byte[] body = wanted.encode();
    LogException last = new LogException("there is no voter to load from", false);
    List<InetSocketAddress> others = voters.others(log.leadership().leader());
    for (InetSocketAddress voter : others) {
      try {
        return transport.link(voter).call(FrameKind.LOAD, body, ATTEMPT_NANOS);
      } catch (LinkException e) {
        last =
            new LogException(
                "the state of "
                    + wanted.id
                    + " was not loaded from "
                    + voter
                    + ": "
                    + e.getMessage(),
                false,
                e);
      }
    }
    throw last;
  }

  /** Answers {@link FrameKind#LOAD} from this node's own replica. */
  public static void serve(Inbound request, StoreReads replica) {
    Wanted wanted = Wanted.decode(request.body());
    Async.whenDone(
        replica.load(wanted.shard, wanted.id, wanted.atLeast),
        (columns, failure) -> {
          if (columns == null) {
            request.fail("not loaded: " + failure);
          } else {
            request.reply(encode(columns, wanted.after));
          }
        });
  }

  private static byte[] encode(Map<String, byte[]> columns, String after) {
    TreeMap<String, byte[]> rest = new TreeMap<>(columns);
    Map<String, byte[]> wanted = after.isEmpty() ? rest : rest.tailMap(after, false);
    ByteWriter body = new ByteWriter(256);
    int count = 0;
    for (Map.Entry<String, byte[]> column : wanted.entrySet()) {
      // At least one; a single column is no larger than an entry of the log, which fits a frame.
      if (count > 0 && body.size() + column.getValue().length > ANSWER_BYTES) {
        break;
      }
      body.text(column.getKey()).block(column.getValue());
      count++;
    }
    return new ByteWriter(body.size() + 8)
        .bool(count < wanted.size())
        .number(count)
        .raw(body.toBytes())
        .toBytes();
  }
}
