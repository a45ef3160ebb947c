package dev.limpet;

/**
 * A cell that is saved: on a majority of the store's disks before the reply of the turn that changed it leaves. It
 * survives passivation, crashes and moves. The encoded value is at most 1 MB.
 */
public non-sealed interface Durable<T> extends Cell<T> {}
