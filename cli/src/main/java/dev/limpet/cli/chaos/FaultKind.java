package dev.limpet.cli.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What can be done to a cluster. The name in small letters is what the user writes. */
enum FaultKind {
  KILL("kill -9 of a node, and its start some seconds later", Needs.NOTHING),
  STOP("SIGSTOP of a node: shorter than a lease, about as long, or longer", Needs.NOTHING),
  WIPE("kill -9 of a node, whose data directory is lost", Needs.NOTHING),
  ROLL("every node is stopped with SIGTERM and started again, one after the other", Needs.NOTHING),
  CLOCK("the wall clock of a node is set forward or back, and right again", Needs.NOTHING),
  DISK("the disk of a node is full", Needs.DISKS),
  HANG("the disk of a node stands still: no write ends, and no sync", Needs.DISKS_IN_FILES),
  FAIL(
      "the disk of a node fails: no write and no sync succeeds, and what was not synced is gone",
      Needs.DISKS_IN_FILES),
  PARTITION("the nodes fall into two groups that do not reach each other", Needs.NETWORK),
  LEADER("the node that leads the ledger is cut off from all others", Needs.NETWORK),
  ONEWAY("what one node sends, or what is sent to it, does not arrive", Needs.NETWORK),
  RING("each node reaches two others only", Needs.NETWORK),
  DELAY("all bytes take longer, each a different time", Needs.NETWORK),
  LOSS("some bytes are lost and sent again", Needs.NETWORK),
  SLOW("little passes in a second between a node and the others", Needs.NETWORK),
  RESET("all connections of a node are reset, and new ones refused", Needs.NETWORK),
  CORRUPT("now and then a bit is flipped between a node and the others", Needs.NETWORK);

  /** What a kind takes. */
  enum Needs {
    NOTHING,
    DISKS,
    DISKS_IN_FILES,
    NETWORK
  }

  private final String what;
  private final Needs needs;

  FaultKind(String what, Needs needs) {
    this.what = what;
    this.needs = needs;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What it is, for people. */
  String what() {
    return what;
  }

  Needs needs() {
    return needs;
  }

  /** Whether it may go on while another fault does. */
  boolean mixes() {
    return this != WIPE && this != ROLL && this != HANG && this != FAIL;
  }

  static String words() {
    return Arrays.stream(values()).map(FaultKind::word).collect(Collectors.joining(","));
  }

  /**
   * The kinds that a text names, with commas in between.
   *
   * @throws IllegalArgumentException that says what is wrong, and which there are
   */
  static Set<FaultKind> parse(String text) {
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    List<String> unknown = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String word = part.strip();
      Arrays.stream(values())
          .filter(kind -> kind.word().equals(word))
          .findFirst()
          .ifPresentOrElse(kinds::add, () -> unknown.add("\"" + word + "\""));
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no fault called " + String.join(", ", unknown) + "; there are: " + words());
    }
    return kinds;
  }
}
