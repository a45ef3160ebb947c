package dev.limpet.ledger.ratis;

import java.time.Duration;

/**
 * Sizes and paces of the logs of one {@link RatisHost}; all groups share them, and all voters should agree on them.
 *
 * @param electionTimeoutMin the shortest silence of a leader after which a follower stands for election; leaders send
 *     a heartbeat every half of it
 * @param electionTimeoutMax the longest; keep it at twice the shortest or more, or candidates collide
 * @param entryBytesMax the largest entry, 64 KiB to 8 MiB
 * @param checkpointEntries a checkpoint is taken after so many entries
 * @param checkpointBytes or after so many bytes of entries
 * @param checkpointInterval or after so much time, when there was any entry
 * @param keepEntries so many entries below a checkpoint stay in the log for followers that lag a little; those that lag
 *     more are sent the checkpoint
 * @param purgeGapEntries the log is trimmed when it would shrink by so many entries
 * @param segmentBytes the size of one log file; only whole files are trimmed. The entries of the last two stay in memory as some
 *     ten objects each, which the collector copies: large files make its pauses long
 */
public record LogTuning(
    Duration electionTimeoutMin,
    Duration electionTimeoutMax,
    int entryBytesMax,
    long checkpointEntries,
    long checkpointBytes,
    Duration checkpointInterval,
    long keepEntries,
    int purgeGapEntries,
    long segmentBytes) {

  public static final LogTuning DEFAULT =
      new LogTuning(
          Duration.ofMillis(300),
          Duration.ofMillis(700),
          1 << 20,
          20_000,
          256L << 20,
          Duration.ofMinutes(5),
          1_000,
          1_024,
          2L << 20);

  public LogTuning {
    require(electionTimeoutMin.toMillis() >= 50, "electionTimeoutMin must be 50 ms or more");
    require(
        electionTimeoutMax.toMillis() >= electionTimeoutMin.toMillis() * 3 / 2,
        "electionTimeoutMax must be 1.5 times electionTimeoutMin or more");
    require(
        entryBytesMax >= 64 << 10 && entryBytesMax <= 8 << 20,
        "entryBytesMax must be 64 KiB to 8 MiB");
    require(checkpointEntries >= 1, "checkpointEntries must be 1 or more");
    require(checkpointBytes >= 1 << 20, "checkpointBytes must be 1 MiB or more");
    require(checkpointInterval.toMillis() >= 100, "checkpointInterval must be 100 ms or more");
    require(keepEntries >= 0, "keepEntries must not be negative");
    require(purgeGapEntries >= 1, "purgeGapEntries must be 1 or more");
    require(segmentBytes >= 64 << 10, "segmentBytes must be 64 KiB or more");
  }

  public LogTuning withElectionTimeouts(Duration min, Duration max) {
    return new LogTuning(
        min,
        max,
        entryBytesMax,
        checkpointEntries,
        checkpointBytes,
        checkpointInterval,
        keepEntries,
        purgeGapEntries,
        segmentBytes);
  }

  public LogTuning withCheckpoints(long entries, long bytes, Duration interval) {
    return new LogTuning(
        electionTimeoutMin,
        electionTimeoutMax,
        entryBytesMax,
        entries,
        bytes,
        interval,
        keepEntries,
        purgeGapEntries,
        segmentBytes);
  }

  public LogTuning withLog(int entryBytes, long keep, int purgeGap, long segment) {
    return new LogTuning(
        electionTimeoutMin,
        electionTimeoutMax,
        entryBytes,
        checkpointEntries,
        checkpointBytes,
        checkpointInterval,
        keep,
        purgeGap,
        segment);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
