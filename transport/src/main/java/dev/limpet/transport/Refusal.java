package dev.limpet.transport;

import java.io.IOException;
import java.io.Serial;

/** One side did not want the other: wrong version, or a hello that was not accepted. */
final class Refusal extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  Refusal(String message) {
    super(message);
  }
}
