package dev.limpet.edge;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;

/** Tells the failures of a connection, which the server handles, from those of what was asked. */
final class Transport {
  private Transport() {}

  /** Throws it again if the connection is what failed. */
  static void rethrow(Exception e) {
    switch (e) {
      case CloseConnectionException c -> throw c;
      case RequestException c -> throw c;
      case UncheckedIOException c ->
          throw new ServerConnectionException("the connection failed", c);
      case DataReader.InsufficientDataAvailableException c ->
          throw new CloseConnectionException("the connection ended within a request", c);
      default -> {}
    }
  }
}
