package dev.limpet.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** The JDK's TLS sockets, which believe everybody and show whatever certificate a test wants. */
final class RawTls {
  private static final char[] NO_PASSWORD = {};

  private RawTls() {}

  /** Connects. The handshake comes with the first byte; a client learns of its refusal only later. */
  static SSLSocket connect(Transport to, Path certificate, String... protocols) throws Exception {
    SSLSocket socket =
        (SSLSocket)
            context(certificate)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), to.port());
    socket.setSoTimeout(10_000);
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    return socket;
  }

  /** Over a connection that there is already. */
  static SSLSocket over(Socket plain, Path certificate) throws Exception {
    SSLSocket socket =
        (SSLSocket) context(certificate).getSocketFactory().createSocket(plain, "x", 1, true);
    socket.setUseClientMode(true);
    return socket;
  }

  static SSLServerSocket listen(Path certificate) throws Exception {
    SSLServerSocket server =
        (SSLServerSocket) context(certificate).getServerSocketFactory().createServerSocket();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    server.setNeedClientAuth(true);
    return server;
  }

  /**
   * @param certificate a directory with {@code node.pem} and {@code node.key}; null to show none
   */
  private static SSLContext context(Path certificate) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    KeyManager[] keys = certificate == null ? new KeyManager[0] : keys(certificate);
    context.init(keys, new TrustManager[] {new Everybody()}, null);
    return context;
  }

  private static KeyManager[] keys(Path directory) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate((X509CertificateHolder) pem(directory.resolve("node.pem")));
    store.setKeyEntry(
        "node",
        new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) pem(directory.resolve("node.key"))),
        NO_PASSWORD,
        new X509Certificate[] {certificate});
    KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static Object pem(Path file) throws IOException {
    try (PEMParser parser = new PEMParser(Files.newBufferedReader(file))) {
      return parser.readObject();
    }
  }

  private static final class Everybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
