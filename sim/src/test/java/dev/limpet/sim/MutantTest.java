package dev.limpet.sim;

import dev.limpet.mutant.Mutant;
import dev.limpet.mutant.MutantsTest;
import java.util.List;

/** The checks of the simulator find each rule of {@link Mutants} that is broken. */
class MutantTest extends MutantsTest {
  @Override
  protected List<Mutant> mutants() {
    return Mutants.all();
  }
}
