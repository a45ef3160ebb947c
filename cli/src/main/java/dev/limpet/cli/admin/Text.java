package dev.limpet.cli.admin;

import dev.limpet.cli.console.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** The admin API's JSON as text for people. */
final class Text {
  private Text() {}

  /** A field as text; {@code -} if it is null, missing or empty. */
  static String field(JsonNode node, String name) {
    JsonNode value = node.path(name);
    String text = value.isNull() || value.isMissingNode() ? "" : value.asString();
    return text.isEmpty() ? "-" : text;
  }

  /** A field of milliseconds, in seconds. */
  static String seconds(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isNumber() ? String.format(Locale.ROOT, "%.1f s", value.asLong() / 1000.0) : "-";
  }

  static String status(JsonNode cluster, JsonNode nodes) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "cluster %s, seen by %s at view %s, ledger led by %s%n",
            field(cluster, "cluster"),
            field(cluster, "self"),
            field(cluster, "view"),
            field(cluster, "leader")));
    out.append(
        String.format(
            Locale.ROOT,
            "%s shards, %s without a home, %s moves under way, %s pins%n",
            field(cluster, "shards"),
            field(cluster, "shardsOrphaned"),
            field(cluster, "movesUnderWay"),
            cluster.path("pins").asInt(0)));
    out.append("types ").append(joined(cluster, "types"));
    out.append(System.lineSeparator());
    for (JsonNode role : cluster.path("roles")) {
      out.append(role(role)).append(System.lineSeparator());
    }
    out.append(System.lineSeparator());
    Table table =
        new Table(
            "NODE", "STATE", "SHARDS", "PREFERRED", "LEASE LEFT", "HEARD", "CLUSTER", "HTTP", "");
    for (JsonNode node : nodes) {
      table.row(
          field(node, "node"),
          field(node, "state"),
          field(node, "shards"),
          field(node, "shardsPreferred"),
          seconds(node, "leaseMillisLeft"),
          seconds(node, "heardMillisAgo"),
          field(node, "clusterAddress"),
          field(node, "httpAddress"),
          remark(node));
    }
    table.lines().forEach(line -> out.append(line).append(System.lineSeparator()));
    return out.toString();
  }

  private static String role(JsonNode role) {
    boolean vacant = role.path("nodes").isEmpty();
    return String.format(
        Locale.ROOT,
        "role %s hosts %s: %s shards %s",
        field(role, "role"),
        joined(role, "types"),
        field(role, "shards"),
        vacant
            ? "wait for a node with it (--roles " + field(role, "role") + ")"
            : "on " + joined(role, "nodes"));
  }

  private static String joined(JsonNode node, String name) {
    return String.join(", ", node.path(name).valueStream().map(JsonNode::asString).toList());
  }

  private static String remark(JsonNode node) {
    List<String> remarks = new ArrayList<>();
    if (!node.path("roles").isEmpty()) {
      remarks.add("holds " + joined(node, "roles"));
    }
    if (node.path("leader").asBoolean(false)) {
      remarks.add("leads the ledger");
    }
    if (!field(node, "lacks").equals("-")) {
      remarks.add("does not reach " + field(node, "lacks"));
    }
    return String.join(", ", remarks);
  }

  /** What fails and what is stuck, on the nodes where anything does; nothing if all is well. */
  static String troubles(JsonNode troubles) {
    StringBuilder out = new StringBuilder();
    for (JsonNode node : troubles) {
      int failing = node.path("processesFailing").asInt(0);
      int stuck = node.path("turnsStuck").asInt(0);
      if (failing + stuck == 0) {
        continue;
      }
      out.append(
          String.format(
              Locale.ROOT,
              "%non %s: %d %s failing, %d %s stuck%n",
              field(node, "node"),
              failing,
              failing == 1 ? "process is" : "processes are",
              stuck,
              stuck == 1 ? "turn is" : "turns are"));
      for (JsonNode process : node.path("processes")) {
        out.append(
            String.format(
                Locale.ROOT,
                "  %s/%s is %s: %s%n",
                field(process, "type"),
                field(process, "key"),
                field(process, "state"),
                why(process)));
      }
    }
    return out.toString();
  }

  private static String why(JsonNode process) {
    JsonNode stuck = process.path("stuck");
    return stuck.isObject()
        ? field(stuck, "method") + " runs for " + seconds(stuck, "millis")
        : field(process.path("failures"), "cause");
  }

  static String where(JsonNode where) {
    Table table = new Table("TYPE", "KEY", "SHARD", "HOME", "EPOCH", "STATE", "HTTP");
    String state = field(where, "state");
    if (state.equals("homeless") && !field(where, "role").equals("-")) {
      state += ", no node holds " + field(where, "role");
    }
    table.row(
        field(where, "type"),
        field(where, "key"),
        field(where, "shard"),
        field(where, "home"),
        field(where, "epoch"),
        where.path("pinned").asBoolean(false) ? state + ", pinned" : state,
        field(where, "homeHttp"));
    return String.join(System.lineSeparator(), table.lines()) + System.lineSeparator();
  }

  static String inspect(JsonNode process) {
    StringBuilder out = new StringBuilder();
    line(out, "process", field(process, "type") + "/" + field(process, "key"));
    line(out, "state", field(process, "state"));
    line(
        out,
        "home",
        field(process, "home")
            + ", epoch "
            + field(process, "epoch")
            + ", shard "
            + field(process, "shard"));
    line(out, "turns", field(process, "turns"));
    line(out, "waiting", field(process, "callsWaiting"));
    line(out, "idle", seconds(process, "idleMillis"));
    failures(out, process);
    JsonNode stuck = process.path("stuck");
    if (stuck.isObject()) {
      line(out, "stuck", field(stuck, "method") + " runs for " + seconds(stuck, "millis"));
      for (JsonNode frame : stuck.path("stack")) {
        line(out, "", "  at " + frame.asString());
      }
    }
    process
        .path("cells")
        .properties()
        .forEach(cell -> line(out, "cell " + cell.getKey(), cell.getValue().asString()));
    return out.toString();
  }

  private static void failures(StringBuilder out, JsonNode process) {
    JsonNode failures = process.path("failures");
    if (!failures.isObject()) {
      if (!field(process, "lastFailure").equals("-")) {
        line(out, "failure", field(process, "lastFailure"));
      }
      return;
    }
    line(out, "failure", field(failures, "cause"));
    line(
        out,
        "failed",
        field(failures, "inARow")
            + " in a row, since "
            + seconds(failures, "sinceMillis")
            + ", made anew "
            + field(failures, "restarts")
            + " times");
    if (failures.path("nextAttemptMillis").isNumber()) {
      line(
          out,
          "next",
          "attempt with the first call after " + seconds(failures, "nextAttemptMillis"));
    }
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append(String.format(Locale.ROOT, "%-10s %s%n", name, value));
  }
}
