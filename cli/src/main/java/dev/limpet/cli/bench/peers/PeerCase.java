package dev.limpet.cli.bench.peers;

import java.util.Locale;

/** What is measured of each contender that can do it. */
enum PeerCase {
  /** Calls within one operating system process. */
  LOCAL,
  /** Calls from one operating system process to another. */
  REMOTE,
  /** Calls that are on disk before they are answered. */
  DURABLE,
  /** First calls, each of which brings something into memory. */
  ACTIVATE;

  /** As it stands on command lines and in tables. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
