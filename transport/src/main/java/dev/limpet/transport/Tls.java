package dev.limpet.transport;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * This node's side of TLS: a directory with {@code ca.pem}, {@code node.pem} and {@code node.key}, watched for as long as
 * this is open. For any thread.
 *
 * <p>Changed files are used about two seconds after they stopped changing: for new connections, and the links of this
 * node replace theirs, which no request notices. Files that are wrong are refused with one line in the log, and the
 * former ones stay in use. A connection that rests on a CA which is no longer in {@code ca.pem} is closed ten seconds
 * later, if it has not ended by then.
 */
/*
 * Each connection gets a context of its own. So no session can be resumed, and every handshake judges the certificate of
 * the other side by the files of that moment; a handshake costs a millisecond, and connections are made rarely.
 */
public final class Tls implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Tls.class.getName());
  private static final String[] PROTOCOLS = {"TLSv1.3"};

  /** What connections are for; strangers to both find no common protocol. */
  private static final String FRAMES = "limpet/1";

  private static final String ENGINE = "h2";
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long CA_REMOVED_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final Duration WARN_BEFORE = Duration.ofDays(7);
  private static final long WARN_EVERY_NANOS = TimeUnit.HOURS.toNanos(12);

  private final Path directory;
  private final @Nullable String host;
  private final TlsKeys keys = new TlsKeys(this);
  private final TlsTrust trust = new TlsTrust(() -> current().credentials());
  private final Set<TlsWire> wires = ConcurrentHashMap.newKeySet();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final Thread watch;
  private volatile Edition current;
  private volatile @Nullable Edition former;
  private volatile boolean filesAreRefused;
  private volatile boolean closed;

  // Guarded by this.
  private String loaded;
  private String seen;
  private String refused = "";
  private @Nullable Long changedAtNanos; // while there may be connections of a CA that was removed
  private @Nullable Long warnedAtNanos;

  /** One set of files. */
  record Edition(long number, Credentials credentials) {}

  private Tls(Path directory, @Nullable String host, Credentials first, String fingerprint) {
    this.directory = directory;
    this.host = host;
    this.current = new Edition(1, first);
    this.loaded = fingerprint;
    this.seen = fingerprint;
    this.watch = Thread.ofPlatform().daemon().name("limpet-tls-files").unstarted(this::watch);
  }

  /**
   * Reads the directory, and begins to watch it.
   *
   * @param host by which the others dial this node: every certificate must be for it
   * @throws IOException if the files are not there or do not fit together; the message says what is wrong
   */
  public static Tls open(Path directory, String host) throws IOException {
    Tls tls = opened(directory, host);
    tls.watch.start();
    return tls;
  }

  /** For tests, which {@link #look} themselves. */
  static Tls openUnwatched(Path directory) throws IOException {
    return opened(directory, null);
  }

  static Tls opened(Path directory, @Nullable String host) throws IOException {
    Credentials.Texts texts = Credentials.Texts.read(directory);
    Credentials first = Credentials.of(texts);
    requireHost(first, host);
    return new Tls(directory, host, first, texts.fingerprint());
  }

  private static void requireHost(Credentials credentials, @Nullable String host)
      throws IOException {
    if (host != null && !credentials.isFor(host)) {
      throw new IOException(
          "the certificate is for "
              + credentials.hosts()
              + ", and the others dial this node as "
              + host);
    }
  }

  /** Whom this node's certificate is for; the same as long as this is open. */
  public PeerName name() {
    return current.credentials().name();
  }

  /** When this node's certificate ends. */
  public Instant notAfter() {
    return current.credentials().notAfter();
  }

  /** How many sets of files were used so far. */
  public long edition() {
    return current.number();
  }

  /** Whether the files are others than those in use, because they were refused. */
  public boolean filesAreRefused() {
    return filesAreRefused;
  }

  /** Shows this node's certificate; for the consensus engine's own connections. */
  public X509ExtendedKeyManager keyManager() {
    return keys;
  }

  /** Judges the others' certificates; for the consensus engine's own connections. */
  public X509ExtendedTrustManager trustManager() {
    return trust;
  }

  Edition current() {
    return current;
  }

  Credentials edition(String alias) {
    Edition before = former;
    return before != null && Long.toString(before.number()).equals(alias)
        ? before.credentials()
        : current.credentials();
  }

  SSLEngine dialing(InetSocketAddress peer) {
    SSLEngine engine = context().createSSLEngine(peer.getHostString(), peer.getPort());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setApplicationProtocols(new String[] {FRAMES});
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    engine.setSSLParameters(parameters);
    return engine;
  }

  SSLEngine accepting() {
    SSLEngine engine = context().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setApplicationProtocols(new String[] {FRAMES, ENGINE});
    parameters.setNeedClientAuth(true);
    engine.setSSLParameters(parameters);
    return engine;
  }

  private SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no TLS", e);
    }
  }

  void opened(TlsWire wire) {
    wires.add(wire);
    if (!current.credentials().isRootOf(wire.chain())) {
      wire.close();
    }
  }

  void ended(TlsWire wire) {
    wires.remove(wire);
  }

  /** How many connections there are that shook hands, the consensus engine's among those accepted. */
  public int connections() {
    return wires.size();
  }

  /** Told of each new set of files that is used. */
  void listen(Runnable listener) {
    listeners.add(listener);
  }

  void unlisten(Runnable listener) {
    listeners.remove(listener);
  }

  // ---- the files

  private void watch() {
    while (!closed) {
      LockSupport.parkNanos(this, LOOK_NANOS);
      if (!closed) {
        look(System.nanoTime());
      }
    }
  }

  /**
   * Looks at the files once. They are taken when they are the same as at the last look: whoever replaces three files is
   * given the time to replace them all.
   */
  synchronized void look(long nowNanos) {
    Credentials.@Nullable Texts texts = null;
    String now;
    String problem = "";
    try {
      texts = Credentials.Texts.read(directory);
      now = texts.fingerprint();
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
      now = problem;
    }
    boolean settled = now.equals(seen);
    seen = now;
    if (now.equals(loaded)) {
      refused = "";
      filesAreRefused = false;
    } else if (settled && !now.equals(refused)) {
      take(texts, now, problem, nowNanos);
    }
    Long changedAt = changedAtNanos;
    if (changedAt != null && nowNanos - changedAt >= CA_REMOVED_NANOS) {
      changedAtNanos = null;
      closeUnrooted();
    }
    warnOfTheEnd(nowNanos);
  }

  private void closeUnrooted() {
    for (TlsWire wire : wires) {
      if (!current.credentials().isRootOf(wire.chain())) {
        LOG.log(Level.INFO, "{0} rests on a CA that was removed: closed", wire);
        wire.close();
      }
    }
  }

  private void take(
      Credentials.@Nullable Texts texts, String fingerprint, String problem, long nowNanos) {
    try {
      if (texts == null) {
        throw new IOException(problem);
      }
      Credentials next = Credentials.of(texts);
      if (!next.name().equals(name())) {
        throw new IOException(
            "the certificate is for " + next.name().uri() + ", and this is " + name().uri());
      }
      requireHost(next, host);
      former = current;
      current = new Edition(current.number() + 1, next);
      loaded = fingerprint;
      refused = "";
      filesAreRefused = false;
      warnedAtNanos = null;
      changedAtNanos = nowNanos;
      LOG.log(
          Level.INFO,
          "new TLS files in use for new connections; the certificate of {0} is valid until {1}",
          name().uri(),
          next.notAfter());
    } catch (IOException
        | RuntimeException e) { // whatever a parser makes of what is no certificate
      refused = fingerprint;
      filesAreRefused = true;
      LOG.log(
          Level.WARNING,
          "the new TLS files in {0} are refused, the former stay in use: {1}",
          directory,
          e instanceof IOException ? e.getMessage() : e.toString());
      return;
    }
    listeners.forEach(Runnable::run);
  }

  private void warnOfTheEnd(long now) {
    Duration left = Duration.between(Instant.now(), notAfter());
    Long last = warnedAtNanos;
    if (left.compareTo(WARN_BEFORE) < 0 && (last == null || now - last > WARN_EVERY_NANOS)) {
      warnedAtNanos = now;
      LOG.log(
          Level.WARNING,
          left.isNegative()
              ? "the certificate of {0} expired at {1}: the other nodes take no new connection of"
                  + " this one; replace it"
              : "the certificate of {0} expires at {1}; replace it before",
          name().uri(),
          notAfter());
    }
  }

  /** Watches no more. Connections stay as they are. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(watch);
  }
}
