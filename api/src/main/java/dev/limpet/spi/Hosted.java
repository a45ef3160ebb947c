package dev.limpet.spi;

import dev.limpet.Hosting;
import dev.limpet.ProcessFactory;

/** One type that a node hosts. */
public record Hosted<P>(
    Class<P> type, ProcessFactory<? extends P> factory, Hosting.Options options) {}
