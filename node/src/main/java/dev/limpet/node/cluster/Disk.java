package dev.limpet.node.cluster;

import java.io.IOException;

/** What a node asks of its disk: whether it takes writes. */
public interface Disk {
  /** Writes something new, and syncs it. */
  void write() throws IOException;

  /** Gives up what was set aside for the last steps of a node; whether there is room for them now. */
  boolean makeRoom();
}
