package dev.limpet.node.call;

import dev.limpet.ProcessId;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.node.home.Chain;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call as it travels to its home.
 *
 * @param caller the registration of the node that sends it, 0 if it is no member
 * @param view the ledger index of the sender's view; the receiver catches up with it before it decides
 * @param epoch the epoch at which the sender believes the shard to be at home there
 * @param leftMicros what is left of the deadline
 */
record Request(
    long caller,
    long view,
    int shard,
    long epoch,
    long leftMicros,
    ProcessId id,
    String method,
    @Nullable String key,
    @Nullable Chain chain,
    byte[] arguments) {
  private static final int METHOD_BYTES_MAX = 1024;
  private static final int KEY_BYTES_MAX = 256;

  byte[] encode() {
    ByteWriter out = new ByteWriter(length());
    out.number(caller).number(view).number(shard).number(epoch).number(leftMicros);
    out.text(id.type()).text(id.key()).text(method);
    out.bool(key != null);
    if (key != null) {
      out.text(key);
    }
    out.number(Chain.length(chain));
    for (Chain c = chain; c != null; c = c.before()) {
      out.text(c.process().type()).text(c.process().key()).number(c.turn());
    }
    return out.raw(arguments).toBytes();
  }

  /** How many bytes it takes; exact for most requests, those with names in ASCII and without chain. */
  private int length() {
    return ByteWriter.lengthOf(caller)
        + ByteWriter.lengthOf(view)
        + ByteWriter.lengthOf(shard)
        + ByteWriter.lengthOf(epoch)
        + ByteWriter.lengthOf(leftMicros)
        + ByteWriter.lengthOf(id.type())
        + ByteWriter.lengthOf(id.key())
        + ByteWriter.lengthOf(method)
        + 1
        + (key == null ? 0 : ByteWriter.lengthOf(key))
        + ByteWriter.lengthOf(Chain.length(chain))
        + arguments.length;
  }

  static Request decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    long caller = in.number();
    long view = in.number();
    int shard = in.count(Integer.MAX_VALUE);
    long epoch = in.number();
    long leftMicros = in.number();
    ProcessId id = id(in);
    String method = in.text(METHOD_BYTES_MAX);
    String key = in.bool() ? in.text(KEY_BYTES_MAX) : null;
    int length = in.count(Chain.LENGTH_MAX);
    @Nullable Chain chain = length == 0 ? null : chain(in, length);
    return new Request(caller, view, shard, epoch, leftMicros, id, method, key, chain, in.rest());
  }

  private static @Nullable Chain chain(ByteReader in, int length) {
    List<Chain> links = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      links.add(new Chain(id(in), in.number(), null));
    }
    @Nullable Chain chain = null;
    for (Chain link : links.reversed()) {
      chain = new Chain(link.process(), link.turn(), chain);
    }
    return chain;
  }

  private static ProcessId id(ByteReader in) {
    return new ProcessId(in.text(ProcessId.TYPE_CHARS_MAX), in.text(ProcessId.KEY_BYTES_MAX));
  }
}
