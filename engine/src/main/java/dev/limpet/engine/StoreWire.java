package dev.limpet.engine;

import dev.limpet.CallRefused;
import dev.limpet.ProcessId;
import dev.limpet.core.fence.Fence;
import dev.limpet.engine.Store.Change;
import dev.limpet.engine.Store.Claim;
import dev.limpet.engine.Store.ClaimReply;
import dev.limpet.engine.Store.Committed;
import dev.limpet.engine.Store.Part;
import dev.limpet.engine.Store.PartReply;
import dev.limpet.engine.Store.Pinned;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Claims and commits as entries of a replicated log, and the answers to them.
 *
 * <p>An entry is {@code kind (1 byte), version of the rules (1), count (4)}, then as many claims or parts; all numbers
 * are big-endian.
 *
 * <pre>
 * claim   shard 4, epoch 8, number 8, owner 8, pinned 1 (0 or 1); if 1: hashed 4, type length 1, type, key length 2, key
 * part    shard 4, epoch 8, claim 8, sequence 8, ends 1 (0 or 1), changes 4, bytes of the changes 4, changes
 * change  type length 1, type, key length 2, key, column length 2, column, value length 4 (-1 removes), value
 * </pre>
 *
 * <p>A reply is {@code kind (1), version (1), count (4)} and the answers, without the entry's index, which the log tells.
 * Whatever the bytes, decoding ends with a result, {@link Malformed} or {@link UnknownRules}, and allocates no more than a
 * small multiple of their number.
 */
public final class StoreWire {
  /** The version of the rules that entries are written by, and the highest that this code can apply. */
  public static final int RULES = 1;

  /** What an entry needs beside its parts: {@code commitBytesMax} is a log's largest entry less this. */
  public static final int OVERHEAD_BYTES = 16;

  static final int KIND_CLAIMS = 1;
  static final int KIND_COMMIT = 2;
  private static final int REPLY_CLAIMED = 1;
  private static final int REPLY_COMMITTED = 2;
  private static final int REPLY_MALFORMED = 3;
  private static final int GRANTED = 1;
  private static final int REFUSED = 2;
  private static final int HEADER_BYTES = 6;
  private static final int CLAIM_BYTES = 29;
  private static final int MESSAGE_BYTES_MAX = 1000;

  private StoreWire() {}

  /** The bytes are no entry or reply of a store; nothing may be done because of them. */
  public static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }

  /** The entry is to be applied by rules that this code does not know: the node must stop and be upgraded. */
  public static final class UnknownRules extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownRules(int version) {
      super(
          "the entry is to be applied by rules of version "
              + version
              + ", this node knows those up to "
              + RULES
              + "; start it with the version of Limpet that the other nodes run");
    }
  }

  /** A decoded entry. */
  public sealed interface Entry {
    /** A call of {@link Store#claim}. */
    record Claims(List<Claim> claims) implements Entry {}

    /** A call of {@link Store#commit}, to be read once. */
    record Commit(CommitCursor parts) implements Entry {}
  }

  /** Throws {@link IllegalArgumentException} unless one entry takes the claims. */
  public static void checkClaims(List<Claim> claims) {
    if (claims.size() > Store.CLAIMS_MAX) {
      throw new IllegalArgumentException(
          claims.size()
              + " claims are too many for one call; at most "
              + Store.CLAIMS_MAX
              + " are taken");
    }
  }

  /** Throws {@link IllegalArgumentException} if the parts are larger than that together. */
  public static void checkParts(List<Part> parts, int bytesMax) {
    long sum = 0;
    for (Part p : parts) {
      sum += p.bytes();
    }
    if (sum > bytesMax) {
      throw new IllegalArgumentException(
          "a commit of "
              + sum
              + " bytes is too large; at most "
              + bytesMax
              + " are taken, so split it");
    }
  }

  /** The entry that claims. */
  public static byte[] encodeClaims(List<Claim> claims) {
    checkClaims(claims);
    int bytes = HEADER_BYTES;
    for (Claim c : claims) {
      Pinned p = c.pinned();
      bytes +=
          CLAIM_BYTES + (p == null ? 0 : 7 + p.id().type().length() + 3 * p.id().key().length());
    }
    ByteBuffer out = ByteBuffer.allocate(bytes);
    header(out, KIND_CLAIMS, claims.size());
    for (Claim c : claims) {
      out.putInt(c.shard()).putLong(c.epoch()).putLong(c.number()).putLong(c.owner());
      Pinned pinned = c.pinned();
      out.put((byte) (pinned == null ? 0 : 1));
      if (pinned != null) {
        out.putInt(pinned.hashed());
        encodeId(out, pinned.id());
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /** The entry that commits; at most the sum of {@link Part#bytes()} and {@link #OVERHEAD_BYTES} long. */
  public static byte[] encodeCommit(List<Part> parts) {
    checkParts(parts, Integer.MAX_VALUE - OVERHEAD_BYTES);
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + parts.stream().mapToInt(Part::bytes).sum());
    header(out, KIND_COMMIT, parts.size());
    for (Part p : parts) {
      out.putInt(p.shard())
          .putLong(p.epoch())
          .putLong(p.claim())
          .putLong(p.sequence())
          .put((byte) (p.ends() ? 1 : 0))
          .putInt(p.changes().size());
      int lengthAt = out.position();
      out.putInt(0);
      for (Change c : p.changes()) {
        encodeChange(out, c);
      }
      out.putInt(lengthAt, out.position() - lengthAt - 4);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static void encodeChange(ByteBuffer out, Change c) {
    encodeId(out, c.id());
    byte[] column = c.column().getBytes(StandardCharsets.UTF_8);
    byte[] value = c.value();
    out.putShort((short) column.length).put(column);
    if (value == null) {
      out.putInt(-1);
    } else {
      out.putInt(value.length).put(value);
    }
  }

  private static void encodeId(ByteBuffer out, ProcessId id) {
    byte[] type = id.type().getBytes(StandardCharsets.US_ASCII);
    byte[] key = id.key().getBytes(StandardCharsets.UTF_8);
    out.put((byte) type.length).put(type).putShort((short) key.length).put(key);
  }

  private static ProcessId decodeId(ByteBuffer in) {
    byte[] type = new byte[in.get() & 0xff];
    in.get(type);
    byte[] key = new byte[in.getShort() & 0xffff];
    in.get(key);
    return new ProcessId(
        new String(type, StandardCharsets.US_ASCII), new String(key, StandardCharsets.UTF_8));
  }

  /**
   * Decodes an entry; a commit's parts are checked as they are read.
   *
   * @throws Malformed if it is none
   * @throws UnknownRules if it was written for rules to come
   */
  public static Entry decode(byte[] entry) {
    ByteBuffer in = ByteBuffer.wrap(entry);
    int kind = header(in, "an entry of the store");
    int count = in.getInt();
    return switch (kind) {
      case KIND_CLAIMS -> new Entry.Claims(decodeClaims(in, count));
      case KIND_COMMIT -> new Entry.Commit(new CommitCursor(entry, HEADER_BYTES, count));
      default -> throw new Malformed("an entry of the unknown kind " + kind);
    };
  }

  private static List<Claim> decodeClaims(ByteBuffer in, int count) {
    if (count < 0 || count > Store.CLAIMS_MAX || in.remaining() < count * CLAIM_BYTES) {
      throw new Malformed(count + " claims announced, with " + in.remaining() + " bytes for them");
    }
    List<Claim> claims = new ArrayList<>(count);
    try {
      for (int i = 0; i < count; i++) {
        int shard = in.getInt();
        long epoch = in.getLong();
        long number = in.getLong();
        long owner = in.getLong();
        Pinned pinned = in.get() == 0 ? null : pinned(in);
        claims.add(new Claim(shard, epoch, number, owner, pinned));
      }
    } catch (IllegalArgumentException | CallRefused | BufferUnderflowException e) {
      throw new Malformed("claim " + claims.size() + ": " + e.getMessage());
    }
    if (in.hasRemaining()) {
      throw new Malformed(in.remaining() + " bytes too many after the last claim");
    }
    return claims;
  }

  private static Pinned pinned(ByteBuffer in) {
    int hashed = in.getInt();
    return new Pinned(decodeId(in), hashed);
  }

  /** The parts of a commit as objects, for tools and tests; engines read the cursor itself. */
  public static List<Part> decodeParts(CommitCursor in) {
    List<Part> parts = new ArrayList<>();
    while (in.nextPart()) {
      List<Change> changes = new ArrayList<>();
      try {
        while (in.nextChange()) {
          ProcessId id =
              new ProcessId(
                  in.text(in.typeOffset(), in.typeLength()),
                  in.text(in.keyOffset(), in.keyLength()));
          byte[] value = in.removes() ? null : in.bytes(in.valueOffset(), in.valueLength());
          changes.add(new Change(id, in.text(in.columnOffset(), in.columnLength()), value));
        }
      } catch (IllegalArgumentException | CallRefused e) {
        throw new Malformed("part " + parts.size() + ": " + e.getMessage());
      }
      parts.add(new Part(in.shard(), in.epoch(), in.claim(), in.sequence(), changes, in.ends()));
    }
    return parts;
  }

  /** The reply to claims; the index in them is left out. */
  public static byte[] encodeClaimed(List<ClaimReply> replies) {
    int bytes = HEADER_BYTES;
    for (ClaimReply r : replies) {
      bytes += r instanceof ClaimReply.Granted g ? 26 + 16 * g.earlier().size() : 17;
    }
    ByteBuffer out = ByteBuffer.allocate(bytes);
    header(out, REPLY_CLAIMED, replies.size());
    for (ClaimReply r : replies) {
      switch (r) {
        case ClaimReply.Granted granted -> {
          out.put((byte) GRANTED).put((byte) granted.earlier().size());
          granted.earlier().forEach(e -> out.putLong(e.number()).putLong(e.lastSequence()));
          Fence.Former former = granted.former();
          out.putLong(former.epoch()).putLong(former.number()).putLong(former.lastSequence());
        }
        case ClaimReply.Refused refused ->
            out.put((byte) REFUSED).putLong(refused.epoch()).putLong(refused.number());
      }
    }
    return out.array();
  }

  /** The reply to a commit. */
  public static byte[] encodeCommitted(List<PartReply> replies) {
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + replies.size());
    header(out, REPLY_COMMITTED, replies.size());
    for (PartReply r : replies) {
      out.put(
          (byte)
              switch (r) {
                case ACCEPTED -> 1;
                case ALREADY_APPLIED -> 2;
                case FENCED -> 3;
                case GAP -> 4;
              });
    }
    return out.array();
  }

  /** The reply to an entry that could not be decoded and changed nothing. */
  public static byte[] encodeMalformed(String message) {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MESSAGE_BYTES_MAX);
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + length);
    header(out, REPLY_MALFORMED, length);
    out.put(text, 0, length);
    return out.array();
  }

  /**
   * Decodes the reply to claims.
   *
   * @param index of the entry
   */
  public static List<ClaimReply> decodeClaimed(byte[] reply, long index) {
    ByteBuffer in = replyOf(REPLY_CLAIMED, reply);
    int count = in.getInt();
    if (count < 0 || count > Store.CLAIMS_MAX) {
      throw new Malformed(count + " answers to claims announced");
    }
    List<ClaimReply> replies = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      need(in, 2);
      int kind = in.get();
      if (kind == GRANTED) {
        int earlier = in.get() & 0xff;
        need(in, earlier * 16 + 24);
        List<ClaimReply.Earlier> all = new ArrayList<>(earlier);
        for (int j = 0; j < earlier; j++) {
          all.add(new ClaimReply.Earlier(in.getLong(), in.getLong()));
        }
        Fence.Former former = new Fence.Former(in.getLong(), in.getLong(), in.getLong());
        replies.add(new ClaimReply.Granted(index, all, former));
      } else if (kind == REFUSED) {
        need(in, 16);
        replies.add(new ClaimReply.Refused(in.getLong(), in.getLong()));
      } else {
        throw new Malformed("an answer of the unknown kind " + kind + " to claim " + i);
      }
    }
    end(in);
    return List.copyOf(replies);
  }

  /**
   * Decodes the reply to a commit.
   *
   * @param index of the entry
   */
  public static Committed decodeCommitted(byte[] reply, long index) {
    ByteBuffer in = replyOf(REPLY_COMMITTED, reply);
    int count = in.getInt();
    need(in, count);
    List<PartReply> replies = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int code = in.get();
      replies.add(
          switch (code) {
            case 1 -> PartReply.ACCEPTED;
            case 2 -> PartReply.ALREADY_APPLIED;
            case 3 -> PartReply.FENCED;
            case 4 -> PartReply.GAP;
            default ->
                throw new Malformed(
                    "an answer of the unknown kind " + code + " to part " + replies.size());
          });
    }
    end(in);
    return new Committed(index, List.copyOf(replies));
  }

  /** How many parts a commit's entry has; -1 if it is not a well-formed commit by these rules. */
  static int partsOf(byte[] entry) {
    try {
      if (entry.length < HEADER_BYTES || entry[1] != RULES) {
        return -1;
      }
      if (decode(entry) instanceof Entry.Commit(CommitCursor cursor)) {
        while (cursor.nextPart()) {
          while (cursor.nextChange()) {}
        }
        return cursor.parts();
      }
      return -1;
    } catch (Malformed | UnknownRules e) {
      return -1;
    }
  }

  /** One entry of several commits, with their parts in that order; each must be well-formed. */
  static byte[] mergeCommits(List<byte[]> commits) {
    if (commits.size() == 1) {
      return commits.getFirst();
    }
    int bytes = HEADER_BYTES;
    int parts = 0;
    for (byte[] c : commits) {
      bytes += c.length - HEADER_BYTES;
      parts += ByteBuffer.wrap(c).getInt(2);
    }
    ByteBuffer out = ByteBuffer.allocate(bytes);
    header(out, KIND_COMMIT, parts);
    for (byte[] c : commits) {
      out.put(c, HEADER_BYTES, c.length - HEADER_BYTES);
    }
    return out.array();
  }

  /**
   * The replies to commits that were merged.
   *
   * @param parts how many parts each of them has
   */
  static List<byte[]> splitCommitted(byte[] reply, int[] parts) {
    if (parts.length == 1) {
      return List.of(reply);
    }
    List<PartReply> all = decodeCommitted(reply, 0).replies();
    int asked = 0;
    for (int count : parts) {
      asked += count;
    }
    if (all.size() != asked) {
      throw new Malformed(all.size() + " answers to the parts of merged commits");
    }
    List<byte[]> replies = new ArrayList<>(parts.length);
    int at = 0;
    for (int count : parts) {
      replies.add(encodeCommitted(all.subList(at, at + count)));
      at += count;
    }
    return replies;
  }

  private static void header(ByteBuffer out, int kind, int count) {
    out.put((byte) kind).put((byte) RULES).putInt(count);
  }

  private static int header(ByteBuffer in, String what) {
    if (in.remaining() < HEADER_BYTES) {
      throw new Malformed(in.remaining() + " bytes are too few for " + what);
    }
    int kind = in.get();
    int rules = in.get() & 0xff;
    if (rules > RULES) {
      throw new UnknownRules(rules);
    }
    if (rules < 1) {
      throw new Malformed("there are no rules of version " + rules);
    }
    return kind;
  }

  private static ByteBuffer replyOf(int expected, byte[] reply) {
    ByteBuffer in = ByteBuffer.wrap(reply);
    int kind = header(in, "a reply of the store");
    if (kind == REPLY_MALFORMED) {
      int length = Math.clamp(in.getInt(), 0, in.remaining());
      throw new Malformed(
          "the store refused: " + new String(reply, HEADER_BYTES, length, StandardCharsets.UTF_8));
    }
    if (kind != expected) {
      throw new Malformed("a reply of kind " + kind + ", where " + expected + " was expected");
    }
    return in;
  }

  private static void need(ByteBuffer in, int bytes) {
    if (bytes < 0 || in.remaining() < bytes) {
      throw new Malformed(
          "the reply ends after " + in.limit() + " bytes, " + bytes + " more are announced");
    }
  }

  private static void end(ByteBuffer in) {
    if (in.hasRemaining()) {
      throw new Malformed(in.remaining() + " bytes too many in the reply");
    }
  }
}
