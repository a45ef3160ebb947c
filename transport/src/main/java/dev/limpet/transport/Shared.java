package dev.limpet.transport;

import org.jspecify.annotations.Nullable;

/** What all connections of one transport share. */
record Shared(
    TransportConfig config,
    Greeting greeting,
    Handler handler,
    Passage passage,
    Counters counters,
    Threads threads,
    RareLog log,
    @Nullable Tls tls) {}
