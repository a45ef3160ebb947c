package dev.limpet;

import dev.limpet.spi.Roles;
import java.time.Duration;

/** Where an application says which types a node hosts. */
public interface Hosting {
  /** Hosts a type with the default {@link Options}. */
  default <P> Hosting host(Class<P> type, ProcessFactory<? extends P> factory) {
    return host(type, factory, Options.DEFAULT);
  }

  /** Hosts a type. Every node of a cluster hosts the same types. */
  <P> Hosting host(Class<P> type, ProcessFactory<? extends P> factory, Options options);

  /**
   * How a type is hosted.
   *
   * @param idleAfter how long a process stays in memory without a call; 10 minutes by default
   * @param inMemoryMax how many processes of the type may stay in one node's memory; when there are more, those leave that
   *     were used least, as if they had been idle. Looked at every second, so there may be more for a moment, and a process
   *     in use never leaves. 0, as by default, for as many as there are
   * @param callsWaitingMax how many calls may wait for their turn at one process before further ones are refused as
   *     overloaded; 1 to 100,000, by default 1,000
   * @param keysMax of how many calls with an idempotency key one process keeps the answers; when all are younger than
   *     {@code keysKept}, further ones are refused; 1 to 1,000,000, by default 10,000
   * @param keysKept how long such an answer is kept at least; 1 hour by default
   * @param turnsReportedAfter how long a turn may run before it is reported as stuck, to the second; 30 seconds by default
   * @param restartsWhenFailing whether a process is made anew from its saved state after ten turns in a row that threw;
   *     its memory cells and plain fields are lost then; true by default
   * @param role which nodes may be home of the type: those that {@linkplain LimpetBuilder#roles hold} it; empty, as by
   *     default, for all of them. Every node routes to the type. It is the same on all nodes, and can be given to a type
   *     only when the cluster first hosts it
   */
  record Options(
      Duration idleAfter,
      int inMemoryMax,
      int callsWaitingMax,
      int keysMax,
      Duration keysKept,
      Duration turnsReportedAfter,
      boolean restartsWhenFailing,
      String role) {
    public static final Options DEFAULT =
        new Options(
            Duration.ofMinutes(10),
            0,
            1_000,
            10_000,
            Duration.ofHours(1),
            Duration.ofSeconds(30),
            true,
            "");

    public Options {
      if (idleAfter.isNegative() || idleAfter.isZero()) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING, "idleAfter must be longer than zero, got " + idleAfter);
      }
      if (inMemoryMax < 0) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING, "inMemoryMax must not be negative, got " + inMemoryMax);
      }
      if (callsWaitingMax < 1 || callsWaitingMax > 100_000) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING,
            "callsWaitingMax must be from 1 to 100000, got " + callsWaitingMax);
      }
      if (keysMax < 1 || keysMax > 1_000_000) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING, "keysMax must be from 1 to 1000000, got " + keysMax);
      }
      if (keysKept.isNegative()) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING, "keysKept must not be negative, got " + keysKept);
      }
      if (turnsReportedAfter.isNegative() || turnsReportedAfter.isZero()) {
        throw new StartFailed(
            ErrorCode.INVALID_SETTING,
            "turnsReportedAfter must be longer than zero, got " + turnsReportedAfter);
      }
      if (!role.isEmpty()) {
        Roles.check(role);
      }
    }

    /** Only nodes that hold this role may be home of the type. */
    public Options withRole(String value) {
      return with(idleAfter, inMemoryMax, callsWaitingMax, restartsWhenFailing, value);
    }

    public Options withIdleAfter(Duration value) {
      return with(value, inMemoryMax, callsWaitingMax, restartsWhenFailing, role);
    }

    public Options withInMemoryMax(int value) {
      return with(idleAfter, value, callsWaitingMax, restartsWhenFailing, role);
    }

    public Options withCallsWaitingMax(int value) {
      return with(idleAfter, inMemoryMax, value, restartsWhenFailing, role);
    }

    public Options withRestartsWhenFailing(boolean value) {
      return with(idleAfter, inMemoryMax, callsWaitingMax, value, role);
    }

    private Options with(Duration idle, int inMemory, int waiting, boolean restarts, String whose) {
      return new Options(
          idle, inMemory, waiting, keysMax, keysKept, turnsReportedAfter, restarts, whose);
    }

    public Options withKeys(int max, Duration kept) {
      return new Options(
          idleAfter,
          inMemoryMax,
          callsWaitingMax,
          max,
          kept,
          turnsReportedAfter,
          restartsWhenFailing,
          role);
    }

    public Options withTurnsReportedAfter(Duration value) {
      return new Options(
          idleAfter,
          inMemoryMax,
          callsWaitingMax,
          keysMax,
          keysKept,
          value,
          restartsWhenFailing,
          role);
    }
  }
}
