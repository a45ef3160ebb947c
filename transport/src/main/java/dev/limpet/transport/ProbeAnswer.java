package dev.limpet.transport;

/** What a node's port answered to {@link Transport#probe}. */
public enum ProbeAnswer {
  /** Something listens there. */
  CONNECTED,
  /** The connection was refused by the other machine's kernel (ECONNREFUSED): nothing listens there. */
  REFUSED,
  /** Anything else, a time-out above all: no evidence either way. */
  NO_ANSWER
}
