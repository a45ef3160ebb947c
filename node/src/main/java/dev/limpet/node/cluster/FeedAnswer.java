package dev.limpet.node.cluster;

import dev.limpet.core.bytes.ByteReader;
import dev.limpet.core.bytes.ByteWriter;
import dev.limpet.core.ledger.LedgerImage;
import dev.limpet.core.ledger.LedgerWire;
import dev.limpet.engine.Leadership;
import dev.limpet.ledger.ratis.Voter;
import dev.limpet.node.door.Door;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a voter says of the ledger to a node that has no replica.
 *
 * @param index the last entry that the voter has applied
 * @param ledger who leads the ledger, as the voter believes
 * @param store who leads the store
 * @param voters who votes, as the voter knows
 * @param votersSince the index since which they do
 * @param image the state as of that entry; null if nothing but renewals came since the index that was asked about
 * @param lines what entries since then decided, in words
 */
record FeedAnswer(
    long index,
    Leadership ledger,
    Leadership store,
    List<Voter> voters,
    long votersSince,
    @Nullable LedgerImage image,
    List<Door.Line> lines) {
  private static final int VOTERS_MAX = 16;
  private static final int IMAGE_BYTES_MAX = 2 << 20;

  byte[] encode() {
    ByteWriter out = new ByteWriter(64).number(index);
    leader(out, ledger);
    leader(out, store);
    out.number(votersSince).number(voters.size());
    voters.forEach(v -> out.text(v.node()).text(v.storageId()).text(v.address()));
    out.bool(image != null);
    if (image != null) {
      out.block(LedgerWire.encode(image));
    }
    DecisionLines.encode(out, lines);
    return out.toBytes();
  }

  static FeedAnswer decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    long index = in.number();
    Leadership ledger = leader(in);
    Leadership store = leader(in);
    long votersSince = in.number();
    List<Voter> voters = new ArrayList<>();
    int count = in.count(VOTERS_MAX);
    for (int i = 0; i < count; i++) {
      voters.add(new Voter(in.text(256), in.text(256), in.text(256)));
    }
    LedgerImage image = in.bool() ? LedgerWire.decodeImage(in.block(IMAGE_BYTES_MAX)) : null;
    List<Door.Line> lines = DecisionLines.decode(in);
    in.end();
    return new FeedAnswer(index, ledger, store, voters, votersSince, image, lines);
  }

  static void leader(ByteWriter out, Leadership leadership) {
    String leader = leadership.leader();
    out.number(Math.max(0, leadership.term())).text(leader == null ? "" : leader);
  }

  static Leadership leader(ByteReader in) {
    long term = in.number();
    String leader = in.text(256);
    return new Leadership(term, leader.isEmpty() ? null : leader, false);
  }
}
