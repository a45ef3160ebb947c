package dev.limpet.cli.bench;

/** What can be measured. */
enum BenchCase {
  /** Calls within one JVM, to counters in memory. */
  LOCAL,
  /** Calls from one node to counters in memory that live on another. */
  REMOTE,
  /** Calls to saved counters, from inside one of three nodes. */
  DURABLE,
  /** New processes a second, and what one costs in memory. */
  ACTIVATE,
  /** How long a key cannot be reached when a node dies or stands still. */
  FAILOVER,
  /** How long calls to a process wait while it moves. */
  MOVE,
  /** What a call over HTTP costs, beside an empty answer of the same server. */
  HTTP,
  /** How calls a second depend on keys, calls in flight, payload, a hot key and nodes. */
  GROWTH
}
