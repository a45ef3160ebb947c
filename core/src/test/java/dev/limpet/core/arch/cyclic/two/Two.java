package dev.limpet.core.arch.cyclic.two;

import dev.limpet.core.arch.cyclic.one.One;

/** Half of a package cycle, for the rule to find. */
public record Two(One other) {}
