package dev.limpet.cli.bench;

/** A shape of load: who calls when. */
interface CallLoad {
  /** One call, to the process of that number. */
  interface Target {
    void call(int key) throws Exception;
  }

  /** Which processes are called. */
  Keys keys();

  /** Tells people. */
  void say(String line);

  /**
   * Loads the target, and returns the line of the result.
   *
   * @param more words at its end; may be empty
   */
  String run(String name, Target target, String more) throws InterruptedException;
}
