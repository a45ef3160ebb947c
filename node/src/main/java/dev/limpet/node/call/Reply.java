package dev.limpet.node.call;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.values.Thrown;
import org.jspecify.annotations.Nullable;

/** What a home answers. */
sealed interface Reply {
  /** The result, as bytes, given under that epoch. */
  record Value(long epoch, byte[] result) implements Reply {}

  /** An exception that the method declares. */
  record Declared(long epoch, Thrown thrown) implements Reply {}

  /** Certainly not run: the process is at home elsewhere, as the sender will see with that view. */
  record Moved(long view) implements Reply {}

  /** One of Limpet's own errors. */
  record Failed(ErrorCode code, Executed executed, String message) implements Reply {
    static Failed of(LimpetException e) {
      return new Failed(e.code(), e.executed(), String.valueOf(e.getMessage()));
    }

    LimpetException exception() {
      return LimpetException.of(code, executed, message);
    }
  }

  int TEXT_BYTES_MAX = 1 << 20;

  default byte[] encode() {
    return switch (this) {
      case Value r ->
          new ByteWriter(1 + ByteWriter.lengthOf(r.epoch) + r.result.length)
              .u8(1)
              .number(r.epoch)
              .raw(r.result)
              .toBytes();
      case Declared r -> {
        @Nullable String message = r.thrown.message();
        ByteWriter out =
            new ByteWriter().u8(2).number(r.epoch).text(r.thrown.type()).bool(message != null);
        yield (message == null ? out : out.text(message)).toBytes();
      }
      case Moved r -> new ByteWriter().u8(3).number(r.view).toBytes();
      case Failed r ->
          new ByteWriter()
              .u8(4)
              .text(r.code.code())
              .bool(r.executed == Executed.UNKNOWN)
              .text(r.message)
              .toBytes();
    };
  }

  static Reply decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    return switch (in.u8()) {
      case 1 -> new Value(in.number(), in.rest());
      case 2 ->
          new Declared(
              in.number(),
              new Thrown(in.text(TEXT_BYTES_MAX), in.bool() ? in.text(TEXT_BYTES_MAX) : null));
      case 3 -> new Moved(in.number());
      case 4 ->
          new Failed(
              code(in.text(16)),
              in.bool() ? Executed.UNKNOWN : Executed.NO,
              in.text(TEXT_BYTES_MAX));
      default -> throw new ByteReader.Malformed("a reply of an unknown kind");
    };
  }

  private static ErrorCode code(String text) {
    for (ErrorCode each : ErrorCode.values()) {
      if (each.code().equals(text)) {
        return each;
      }
    }
    // A newer node's code: the caller learns what is certain, that it failed.
    return ErrorCode.OUTCOME_UNKNOWN;
  }
}
