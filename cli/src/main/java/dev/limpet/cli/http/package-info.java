/** A lean HTTP client for load: blocking, one request at a time on a kept connection. */
@NullMarked
package dev.limpet.cli.http;

import org.jspecify.annotations.NullMarked;
