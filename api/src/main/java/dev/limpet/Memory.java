package dev.limpet;

/** A cell that lives in memory only: it is gone after a crash and after passivation, and costs nothing to write. */
public non-sealed interface Memory<T> extends Cell<T> {}
