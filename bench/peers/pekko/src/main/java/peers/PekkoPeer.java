package peers;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;

/**
 * Sharded counters in memory on Pekko Cluster Sharding, called with {@code ask}. {@code serve} prints its address and hosts
 * counters; {@code local|remote|activate KEYS WINDOW WARM SECONDS [ADDRESS]} loads them. Started by {@code run.sh}.
 */
public final class PekkoPeer {
  private static final EntityTypeKey<Wire.Add> COUNTER =
      EntityTypeKey.create(Wire.Add.class, "counter");
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long SECOND = 1_000_000_000L;
  private static final int ONE_SECONDS_MAX = 5;
  private static final String HOST = "host";

  private final ClusterSharding sharding;

  private PekkoPeer(ClusterSharding sharding) {
    this.sharding = sharding;
  }

  public static void main(String[] args) throws InterruptedException {
    String mode = args[0];
    boolean hosts = !mode.equals("remote");
    Config config =
        ConfigFactory.parseString("pekko.cluster.roles = [" + (hosts ? HOST : "caller") + "]")
            .withFallback(ConfigFactory.load());
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "peers", config);
    Cluster cluster = Cluster.get(system);
    ClusterSharding sharding = ClusterSharding.get(system);
    sharding.init(Entity.of(COUNTER, context -> counter()).withRole(HOST));
    var seed =
        mode.equals("remote")
            ? AddressFromURIString.parse(args[5])
            : cluster.selfMember().address();
    cluster.manager().tell(Join.create(seed));
    await(() -> cluster.selfMember().status().equals(MemberStatus.up()));
    if (mode.equals("serve")) {
      System.out.println("UP " + cluster.selfMember().address());
      return;
    }
    PekkoPeer peer = new PekkoPeer(sharding);
    int keys = Integer.parseInt(args[1]);
    int window = Integer.parseInt(args[2]);
    int warm = Integer.parseInt(args[3]);
    int seconds = Integer.parseInt(args[4]);
    if (mode.equals("activate")) {
      peer.activate(keys, window);
    } else {
      peer.load(keys, window, warm, false);
      peer.load(keys, window, seconds, true);
      peer.load(keys, 1, 1, false);
      peer.load(keys, 1, Math.min(seconds, ONE_SECONDS_MAX), true);
    }
    System.exit(0);
  }

  private static Behavior<Wire.Add> counter() {
    return Behaviors.setup(context -> {
      long[] total = {0};
      return Behaviors.receive(Wire.Add.class)
          .onMessage(
              Wire.Add.class,
              add -> {
                total[0] += add.n();
                add.replyTo().tell(new Wire.Total(total[0]));
                return Behaviors.same();
              })
          .build();
    });
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private void activate(int processes, int window) throws InterruptedException {
    Load warm = new Load(window);
    int[] next = {0};
    warm.run(() -> next[0] < Math.min(500_000, processes) ? next[0]++ : -1, "warm-");
    next[0] = 0;
    Load measured = new Load(window);
    measured.measure(() -> next[0] < processes ? next[0]++ : -1);
  }

  private void load(int keys, int window, int seconds, boolean measured)
      throws InterruptedException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long end = System.nanoTime() + seconds * SECOND;
    IntSupplier next = () -> System.nanoTime() < end ? random.nextInt(keys) : -1;
    Load load = new Load(window);
    if (measured) {
      load.measure(next);
    } else {
      load.run(next, "k");
    }
  }

  private CompletionStage<Wire.Total> add(String key) {
    return sharding
        .entityRefFor(COUNTER, key)
        .<Wire.Total>ask(replyTo -> new Wire.Add(1, replyTo), PATIENCE);
  }

  /** So many calls in flight, until there is no next key. */
  private final class Load {
    private final int window;
    private final ConcurrentHistogram nanos = new ConcurrentHistogram(3);
    private final LongAdder failed = new LongAdder();

    Load(int window) {
      this.window = window;
    }

    void run(IntSupplier next, String prefix) throws InterruptedException {
      Semaphore free = new Semaphore(window);
      for (int key = next.getAsInt(); key >= 0; key = next.getAsInt()) {
        free.acquire();
        long began = System.nanoTime();
        add(prefix + key)
            .whenComplete((total, failure) -> {
              if (failure == null) {
                nanos.recordValue(System.nanoTime() - began);
              } else {
                failed.increment();
              }
              free.release();
            });
      }
      free.acquire(window);
    }

    void measure(IntSupplier next) throws InterruptedException {
      System.out.println("MEASURE window=" + window);
      long allocatedBefore = allocated();
      long began = System.nanoTime();
      run(next, "k");
      double lasted = (System.nanoTime() - began) / (double) SECOND;
      long allocated = allocated() - allocatedBefore;
      long calls = nanos.getTotalCount();
      System.out.printf(
          Locale.ROOT,
          "RESULT window=%d calls=%d rate=%.0f/s p50=%.1fus p99=%.1fus failed=%d alloc=%dB%n",
          window,
          calls,
          calls / lasted,
          nanos.getValueAtPercentile(50) / 1e3,
          nanos.getValueAtPercentile(99) / 1e3,
          failed.sum(),
          allocated / Math.max(1, calls));
    }

    private static long allocated() {
      return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
          .getTotalThreadAllocatedBytes();
    }
  }
}
