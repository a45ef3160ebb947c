package dev.limpet.core;

import org.jspecify.annotations.Nullable;

/** A check that stays on in production: a broken invariant stops the node rather than the promise. */
public final class Invariant {
  private Invariant() {}

  /** Throws {@link Broken} unless the condition holds. */
  public static void check(boolean holds, String invariant) {
    if (!holds) {
      throw new Broken(invariant);
    }
  }

  /** Throws {@link Broken} unless the condition holds; the two numbers explain what was found. */
  public static void check(boolean holds, String invariant, long left, long right) {
    if (!holds) {
      throw new Broken(invariant + " (" + left + ", " + right + ")");
    }
  }

  /** The value, which is there; throws {@link Broken} when it is not. */
  public static <T> T present(@Nullable T value, String invariant) {
    if (value == null) {
      throw new Broken(invariant);
    }
    return value;
  }

  /** An invariant did not hold: a bug of Limpet's own. */
  public static final class Broken extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public Broken(String invariant) {
      super("broken invariant: " + invariant);
    }
  }
}
