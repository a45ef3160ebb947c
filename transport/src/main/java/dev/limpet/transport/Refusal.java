package dev.limpet.transport;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** One side did not want the other: wrong version, or a hello that was not accepted. */
final class Refusal extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final @Nullable String toldReason;

  Refusal(String message) {
    this(message, null);
  }

  /**
   * @param toldReason what the other side is to be told
   */
  Refusal(String message, @Nullable String toldReason) {
    super(message);
    this.toldReason = toldReason;
  }

  /** What the other side is to be told, if it is a Limpet node that waits to hear. */
  @Nullable String toldReason() {
    return toldReason;
  }
}
