package dev.limpet.edge;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.ProcessId;
import dev.limpet.node.door.Door;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /admin/…}: reports as JSON, the records of {@link Door} as they are, and a few commands. */
final class AdminRoutes {
  private static final int PROCESSES_DEFAULT = 100;
  private static final int PROCESSES_MAX = 1000;
  private static final List<String> STATES = List.of("live", "passive", "failing", "stuck");

  private final Door door;

  AdminRoutes(Door door) {
    this.door = door;
  }

  record Forgotten(String node, boolean forgotten) {}

  record Drained(String node, boolean draining) {}

  record Ended(String node, boolean ended) {}

  /** The answer, or null if there is no such path. */
  @Nullable Reply answer(Request request) {
    List<String> path = request.segments();
    String what = path.size() > 1 ? path.get(1) : "";
    return switch (path.size()) {
      case 2 ->
          switch (what) {
            case "cluster" -> Methods.only(request, "GET", () -> Reply.json(door.cluster()));
            case "nodes" -> Methods.only(request, "GET", () -> Reply.json(door.nodes()));
            case "troubles" -> Methods.only(request, "GET", () -> Reply.json(door.troubles()));
            case "processes" -> Methods.only(request, "GET", () -> processes(request));
            default -> null;
          };
      case 3 ->
          switch (what) {
            case "drain" -> Methods.only(request, "POST", () -> drain(path.get(2), true));
            case "ended" -> Methods.only(request, "POST", () -> ended(path.get(2), request));
            case "forget" -> Methods.only(request, "POST", () -> forget(path.get(2)));
            case "undrain" -> Methods.only(request, "POST", () -> drain(path.get(2), false));
            default -> null;
          };
      case 4 ->
          switch (what) {
            case "where" ->
                Methods.only(request, "GET", () -> Reply.json(door.where(process(path))));
            case "inspect" ->
                Methods.only(request, "GET", () -> Reply.json(door.inspect(process(path))));
            case "unpin" ->
                Methods.only(request, "POST", () -> Reply.json(door.unpin(process(path))));
            default -> null;
          };
      case 5 ->
          what.equals("move")
              ? Methods.only(
                  request, "POST", () -> Reply.json(door.move(process(path), path.get(4))))
              : null;
      default -> null;
    };
  }

  private ProcessId process(List<String> path) {
    String type = path.get(2);
    ProcessId.checkType(type);
    // refuses the types that the cluster does not host
    String name = door.type(type).name();
    return new ProcessId(name, path.get(3));
  }

  private Reply processes(Request request) {
    String type = request.query("type");
    if (type != null && type.isEmpty()) {
      type = null;
    }
    if (type != null) {
      ProcessId.checkType(type);
      type = door.type(type).name();
    }
    int limit = limit(request.query("limit"));
    return Reply.json(door.processes(type, state(request.query("state")), limit));
  }

  private static @Nullable String state(@Nullable String value) {
    if (value == null || value.isEmpty()) {
      return null;
    }
    if (!STATES.contains(value)) {
      throw new CallRefused(
          ErrorCode.INVALID_ARGUMENT,
          "state is one of "
              + String.join(", ", STATES)
              + "; got \""
              + Text.printable(value)
              + "\"");
    }
    return value;
  }

  private static int limit(@Nullable String value) {
    if (value == null || value.isEmpty()) {
      return PROCESSES_DEFAULT;
    }
    boolean digits = value.length() <= 4 && value.chars().allMatch(c -> c >= '0' && c <= '9');
    int limit = digits ? Integer.parseInt(value) : 0;
    if (limit < 1 || limit > PROCESSES_MAX) {
      throw new CallRefused(
          ErrorCode.INVALID_ARGUMENT,
          "limit is from 1 to 1000, got \"" + Text.printable(value) + "\"");
    }
    return limit;
  }

  private Reply ended(String node, Request request) {
    String boot = request.query("boot");
    Door.Start start =
        new Door.Start(
            boot == null ? "" : boot, number(request, "pid"), number(request, "startedMillis"));
    door.ended(node, number(request, "registration"), start);
    return Reply.json(new Ended(node, true));
  }

  private static long number(Request request, String name) {
    String value = request.query(name);
    if (value == null || !value.matches("[0-9]{1,18}")) {
      throw new CallRefused(
          ErrorCode.INVALID_ARGUMENT, "give the query parameter " + name + ", a number");
    }
    return Long.parseLong(value);
  }

  private Reply forget(String node) {
    door.forget(node);
    return Reply.json(new Forgotten(node, true));
  }

  private Reply drain(String node, boolean draining) {
    if (draining) {
      door.drain(node);
    } else {
      door.undrain(node);
    }
    return Reply.json(new Drained(node, draining));
  }
}
