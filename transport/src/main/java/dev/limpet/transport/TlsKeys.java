package dev.limpet.transport;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * This node's certificate, the newest at each handshake. The alias is the number of the set of files, so that key and
 * certificate of one handshake are of the same set even if the files change in between.
 */
final class TlsKeys extends X509ExtendedKeyManager {
  private final Tls tls;

  TlsKeys(Tls tls) {
    this.tls = tls;
  }

  private @Nullable String aliasFor(String... keyTypes) {
    Tls.Edition now = tls.current();
    String mine = now.credentials().key().getAlgorithm();
    for (String type : keyTypes) {
      boolean edwards =
          type.toUpperCase(Locale.ROOT).startsWith("ED")
              && mine.toUpperCase(Locale.ROOT).startsWith("ED");
      if (type.equals(mine) || edwards) {
        return Long.toString(now.number());
      }
    }
    return null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return aliasFor(keyTypes);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return aliasFor(keyType);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return tls.edition(alias).chain();
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return tls.edition(alias).key();
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {Long.toString(tls.current().number())};
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {Long.toString(tls.current().number())};
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return aliasFor(keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return aliasFor(keyType);
  }
}
