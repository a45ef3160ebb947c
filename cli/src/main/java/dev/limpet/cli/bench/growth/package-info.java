/** How what calls cost grows: many runs of {@code limpet bench}, and pictures of them. */
@NullMarked
package dev.limpet.cli.bench.growth;

import org.jspecify.annotations.NullMarked;
