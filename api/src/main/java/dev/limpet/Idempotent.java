package dev.limpet;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says that a method may run twice with the effect of once, so a call whose answer was lost is tried again inside the
 * deadline. For methods that may not, give the call an {@linkplain Ref#withIdempotencyKey idempotency key}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Idempotent {}
