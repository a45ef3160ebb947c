package dev.limpet.cli.demo;

import dev.limpet.cli.load.CallOutcome;
import dev.limpet.cli.load.ClusterClient;
import dev.limpet.cli.load.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Every process's value at the end, compared with what its callers were told.
 *
 * @param unread processes whose value could not be read; an audit with any proves nothing
 * @param findings the processes that are not as they must be, one line each
 */
record Audit(Tally.Verdict verdict, int unread, List<String> findings) {
  private static final int CALL_MILLIS = 5_000;
  private static final int FINDINGS_MAX = 20;
  private static final long RETRY_NANOS = 50_000_000;

  boolean passed() {
    return verdict.good() && unread == 0;
  }

  /** Reads all values, asking again for as long as the patience lasts. */
  static Audit of(List<DemoLoad.Target> targets, List<String> nodes, long patienceNanos) {
    long end = System.nanoTime() + patienceNanos;
    Tally.Verdict sum = Tally.Verdict.NONE;
    int unread = 0;
    List<String> findings = new ArrayList<>();
    try (ClusterClient client = new ClusterClient(nodes, 0, CALL_MILLIS)) {
      for (DemoLoad.Target target : targets) {
        long value = read(client, target, end);
        if (value < 0) {
          unread++;
        } else {
          Tally.Verdict one = target.tally().verdict(value);
          sum = sum.plus(one);
          if (!one.good() && findings.size() < FINDINGS_MAX) {
            findings.add(
                "%s/%s is %d, though %d calls were acknowledged and %d are unknown; %d were told a value twice"
                    .formatted(
                        target.type(),
                        target.key(),
                        value,
                        one.acknowledged(),
                        one.unknown(),
                        one.toldTwice()));
          }
        }
      }
    }
    return new Audit(sum, unread, List.copyOf(findings));
  }

  private static long read(ClusterClient client, DemoLoad.Target target, long end) {
    do {
      if (client.call(target.type(), target.key(), target.reader(), "", null)
          instanceof CallOutcome.Done done) {
        return Long.parseLong(done.result().strip());
      }
      LockSupport.parkNanos(RETRY_NANOS);
    } while (System.nanoTime() < end);
    return -1;
  }
}
