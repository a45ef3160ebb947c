package dev.limpet.store.embedded;

import java.io.IOException;

/**
 * Saved files are missing or broken for good, so that a checkpoint may replace them. Every other failure to read them (a
 * lock that another process holds, a full disk, a newer format) leaves them as they are.
 */
final class DamagedState extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedState(String message) {
    super(message);
  }

  DamagedState(String message, Throwable cause) {
    super(message, cause);
  }
}
