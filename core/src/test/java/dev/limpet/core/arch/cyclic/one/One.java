package dev.limpet.core.arch.cyclic.one;

import dev.limpet.core.arch.cyclic.two.Two;

/** Half of a package cycle, for the rule to find. */
public record One(Two other) {}
