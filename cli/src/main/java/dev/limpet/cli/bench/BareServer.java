package dev.limpet.cli.bench;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The HTTP server that nodes use, without a node: what a call is measured against. {@code POST /empty} reads the body and
 * answers {@code 1}; {@code POST /count/KEY} adds 1 to a number in a map and answers it. A program of its own, which says
 * {@code SERVING PORT} and lives until its input ends.
 */
final class BareServer {
  static final String SAYS = "SERVING ";

  private BareServer() {}

  /** Serves on a free port of the loopback interface. */
  public static void main(String[] args) throws IOException {
    ConcurrentHashMap<String, Long> numbers = new ConcurrentHashMap<>();
    WebServer server =
        WebServer.builder()
            .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .shutdownHook(false)
            .connectionOptions(options -> options.tcpNoDelay(true))
            .addRouting(
                HttpRouting.builder()
                    .post(
                        "/empty",
                        (request, response) -> {
                          byte[] unused = request.content().as(byte[].class);
                          response.header(HeaderNames.CONTENT_TYPE, "application/json");
                          response.send(new byte[] {'1'});
                        })
                    .post(
                        "/count/{key}",
                        (request, response) -> {
                          byte[] unused = request.content().as(byte[].class);
                          long now =
                              numbers.merge(
                                  request.path().pathParameters().get("key"), 1L, Long::sum);
                          response.header(HeaderNames.CONTENT_TYPE, "application/json");
                          response.send(Long.toString(now));
                        }))
            .build()
            .start();
    System.out.println(SAYS + server.port());
    while (System.in.read() >= 0) {
      continue; // lives until its input ends
    }
    server.stop();
  }
}
