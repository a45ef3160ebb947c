package dev.limpet;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an interface whose implementations live as sticky processes: one live copy per key, on one node, reachable from
 * any node.
 *
 * <p>Method names are unique in the interface, inherited ones included. Arguments and results are values: they are
 * copied between caller and process unless they are deeply immutable. Futures, publishers and streams are refused as
 * types; a call simply blocks until it is answered.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Sticky {
  /** The type's name on the wire, in URLs and in the store; 1 to 64 of {@code a-z 0-9 - _ .}, a letter first. */
  String value();
}
