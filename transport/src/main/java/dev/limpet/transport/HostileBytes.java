package dev.limpet.transport;

import java.io.IOException;
import java.io.Serial;

/** The other side sent what no Limpet node sends. The connection is closed, the node lives. */
final class HostileBytes extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  HostileBytes(String message) {
    super(message);
  }
}
