package dev.limpet.transport;

import java.io.IOException;

/**
 * What every frame passes on its way into a node. Nothing, but where a test lets the network between two nodes be bad: what
 * waits here is under way still, and arrives late.
 */
@FunctionalInterface
public interface Passage {
  /** Everything passes at once. */
  Passage OPEN = peerHello -> {};

  /**
   * Returns when the next frame of a peer may pass. Called on the reading thread of each connection; what is behind the
   * frame waits too.
   *
   * @param peerHello the identity that the peer gave when it connected; not to be changed
   * @throws IOException if nothing will ever pass again: the connection ends
   */
  void await(byte[] peerHello) throws IOException;
}
