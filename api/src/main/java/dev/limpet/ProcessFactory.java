package dev.limpet;

/** Makes the object behind one key when it is activated. Runs on the home, once per activation, under the turn. */
@FunctionalInterface
public interface ProcessFactory<P> {
  P create(ProcessContext self) throws Exception;
}
