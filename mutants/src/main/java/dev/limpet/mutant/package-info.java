/** Rules broken on purpose, in compiled copies of the sources, for the tests of all modules: see docs/decisions/0014-proof.md. */
@NullMarked
package dev.limpet.mutant;

import org.jspecify.annotations.NullMarked;
