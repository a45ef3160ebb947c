package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.forming.Acceptor;
import dev.limpet.core.forming.Ballot;
import dev.limpet.core.forming.Founder;
import dev.limpet.core.forming.Pact;
import org.jspecify.annotations.Nullable;

/** What seeds say to each other while a cluster is formed, as bytes. */
final class FormingWire {
  private FormingWire() {}

  /**
   * What is asked of a seed.
   *
   * @param pact to be accepted; null if the seed is asked to take part
   */
  record Wish(Ballot ballot, @Nullable Pact pact) {}

  static byte[] encode(Wish wish) {
    ByteWriter out = new ByteWriter();
    ballot(out, wish.ballot);
    pact(out, wish.pact);
    return out.toBytes();
  }

  static Wish wish(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    Wish wish = new Wish(ballot(in), pact(in));
    in.end();
    return wish;
  }

  static byte[] encode(Acceptor state) {
    ByteWriter out =
        new ByteWriter()
            .text(state.self().node())
            .text(state.self().storage())
            .text(state.self().address());
    ballot(out, state.promised());
    ballot(out, state.acceptedAt());
    pact(out, state.accepted());
    pact(out, state.formed());
    return out.toBytes();
  }

  static Acceptor acceptor(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    Founder self = new Founder(in.text(256), in.text(256), in.text(256));
    Acceptor state = new Acceptor(self, ballot(in), ballot(in), pact(in), pact(in));
    in.end();
    return state;
  }

  private static void ballot(ByteWriter out, Ballot ballot) {
    out.number(ballot.round()).text(ballot.by());
  }

  private static Ballot ballot(ByteReader in) {
    return new Ballot(in.number(), in.text(256));
  }

  private static void pact(ByteWriter out, @Nullable Pact pact) {
    out.bool(pact != null);
    if (pact != null) {
      Agreement.of(pact).write(out);
    }
  }

  private static @Nullable Pact pact(ByteReader in) {
    return in.bool() ? Agreement.read(in).pact() : null;
  }
}
