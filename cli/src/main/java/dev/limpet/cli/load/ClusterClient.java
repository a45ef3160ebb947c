package dev.limpet.cli.load;

import dev.limpet.cli.http.Wire;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/*
 * A caller outside of the cluster, with a list of its nodes. It asks one, and the next one after a failure. One that was
 * silent until the time-out is passed over for a while, as load balancers do: else every round of the nodes would cost
 * its time-out again, and that would be taken for time without service. It never
 * repeats a call by itself: what may be repeated is for the one who counts to decide. All that it has to get right is
 * the difference between "did not run" and "may have run"; when in doubt it says the latter.
 */
/** Calls processes over HTTP, through one node at a time. Blocking, for one thread. */
public final class ClusterClient implements Closeable {
  private static final int CONNECT_MILLIS_MAX = 1_000;
  private static final long PASSED_OVER_NANOS = 5_000_000_000L;

  private final List<String> nodes;
  private final int timeoutMillis;
  private final Map<String, Long> silentAt = new HashMap<>();
  private int current;
  private @Nullable Wire wire;

  /**
   * @param nodes HTTP addresses, {@code host:port}
   * @param first the index of the node to begin with; counted round
   */
  public ClusterClient(List<String> nodes, int first, int timeoutMillis) {
    this.nodes = List.copyOf(nodes);
    this.current = Math.floorMod(first, nodes.size());
    this.timeoutMillis = timeoutMillis;
  }

  /** The address that the next call goes to. */
  public String node() {
    return nodes.get(current);
  }

  /** Turns to another node, for the calls from now on. */
  public void nextNode() {
    close();
    int next = (current + 1) % nodes.size();
    for (int i = 0; i < nodes.size() && isPassedOver(nodes.get(next)); i++) {
      next = (next + 1) % nodes.size();
    }
    current = next;
  }

  private boolean isPassedOver(String node) {
    Long at = silentAt.get(node);
    return at != null && System.nanoTime() - at < PASSED_OVER_NANOS;
  }

  private void failed(IOException e) {
    if (e instanceof SocketTimeoutException) {
      silentAt.put(node(), System.nanoTime());
    }
    nextNode();
  }

  public CallOutcome call(
      String type, String key, String method, String arguments, @Nullable String idempotencyKey) {
    Wire connection;
    try {
      connection = connected();
    } catch (IOException e) {
      String why = node() + ": " + e.getMessage();
      failed(e);
      return new CallOutcome.NotRun(why);
    }
    try {
      Wire.Reply reply =
          connection.post(
              "/v1/" + type + "/" + key + "/" + method, arguments, idempotencyKey, timeoutMillis);
      CallOutcome outcome = outcome(reply);
      if (!(outcome instanceof CallOutcome.Done)) {
        nextNode();
      }
      return outcome;
    } catch (IOException e) {
      String why = node() + ": " + e.getMessage();
      failed(e);
      return new CallOutcome.Unknown(why);
    }
  }

  private Wire connected() throws IOException {
    Wire now = wire;
    if (now == null || !now.isOpen()) {
      now = Wire.connect(node(), Math.min(timeoutMillis, CONNECT_MILLIS_MAX));
      wire = now;
    }
    return now;
  }

  /** Read from the answer alone, so that it can be tested by itself. */
  static CallOutcome outcome(Wire.Reply reply) {
    if (reply.status() / 100 == 2) {
      return new CallOutcome.Done(reply.body(), reply.home(), reply.epoch());
    }
    String executed = "";
    String why = "HTTP status " + reply.status();
    try {
      JsonNode problem = JsonMapper.shared().readTree(reply.body());
      executed = problem.path("executed").asString("");
      why = problem.path("code").asString(why) + " " + problem.path("detail").asString("");
    } catch (JacksonException e) {
      // Not a problem document; the status has to do.
    }
    boolean refusedBeforehand = reply.status() / 100 == 4 && executed.isEmpty();
    return executed.equals("no") || refusedBeforehand
        ? new CallOutcome.NotRun(why)
        : new CallOutcome.Unknown(why);
  }

  @Override
  public void close() {
    if (wire != null) {
      wire.close();
      wire = null;
    }
  }
}
