package dev.limpet.transport;

/**
 * The frame on the wire, big-endian:
 *
 * <pre>
 *   0  int    bytes of the body
 *   4  byte   type, one of the constants below
 *   5  byte   zero
 *   6  short  kind: what the body is, the node's own numbering, unsigned
 *   8  long   correlation id: an answer carries its request's
 *  16  body
 * </pre>
 */
final class Frame {
  static final int HEADER_BYTES = 16;
  static final int TYPE_AT = 4;
  static final int KIND_MAX = 0xFFFF;

  /** Wants an answer. */
  static final byte REQUEST = 1;

  /** Wants none. */
  static final byte ONE_WAY = 2;

  /** The handler's answer. */
  static final byte REPLY = 3;

  /** The handler's failure; the body is its message. */
  static final byte FAILURE = 4;

  /** The peer has too many requests to take this one: it did not run. */
  static final byte OVERLOAD = 5;

  /** A request that was taken back before it left: the reader skips it. */
  static final byte VOID = 6;

  static final byte[] EMPTY = new byte[0];

  private Frame() {}
}
