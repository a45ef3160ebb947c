package dev.limpet.engine;

/**
 * An entry that is on a majority of disks and was applied.
 *
 * @param index the entry's place in the log
 * @param reply what the state machine answered
 */
public record Applied(long index, byte[] reply) {}
