package dev.limpet.node.home;

import dev.limpet.ProcessId;
import dev.limpet.node.door.Door;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One process in memory, or one that fails. */
public record LiveReport(
    ProcessId id,
    int shard,
    long epoch,
    boolean live,
    int waiting,
    long idleMillis,
    long turns,
    @Nullable String lastFailure,
    Door.@Nullable Failures failures,
    Door.@Nullable StuckTurn stuck,
    Map<String, String> cells) {

  /** In one word. */
  public String state() {
    if (stuck != null) {
      return "stuck";
    }
    if (failures != null && failures.failing()) {
      return "failing";
    }
    return live ? "live" : "passive";
  }
}
