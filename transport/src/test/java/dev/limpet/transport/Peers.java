package dev.limpet.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the tests have in common. */
final class Peers {
  static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Where nodes have TLS from, by their names; null for none. */
  private static volatile @Nullable Function<String, Tls> secured;

  private Peers() {}

  /** From now on nodes have TLS; null: no more. */
  static void secure(@Nullable Function<String, Tls> tls) {
    secured = tls;
  }

  /** Echoes the body on the reading thread. */
  static final Handler ECHO = request -> request.reply(request.body());

  static Greeting named(String name) {
    return new Greeting() {
      @Override
      public byte[] hello() {
        return utf8(name);
      }

      @Override
      public @Nullable String refusal(
          byte[] theirHello, InetSocketAddress from, @Nullable PeerName certified) {
        String them = text(theirHello);
        if (certified != null && !certified.node().equals(them)) {
          return "its certificate is for " + certified.node() + ", not for " + them;
        }
        return them.startsWith("stranger") ? "no strangers" : null;
      }
    };
  }

  static TransportConfig config() {
    return TransportConfig.on(Transport.loopback(0));
  }

  static Transport node(String name, Handler handler) throws IOException {
    return node(name, handler, config());
  }

  static Transport node(String name, Handler handler, TransportConfig config) throws IOException {
    Function<String, Tls> tls = secured;
    return tls == null
        ? Transport.bind(config, named(name), handler, cause -> {})
        : node(name, handler, config, tls.apply(name));
  }

  /** A node under TLS. */
  static Transport node(String name, Handler handler, TransportConfig config, Tls tls)
      throws IOException {
    return Transport.bind(config, tls, named(name), handler, cause -> {});
  }

  static Link link(Transport from, Transport to) {
    return from.link(Transport.loopback(to.port()));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
