/** How commands talk to people: tables, and refusals of one line. */
@NullMarked
package dev.limpet.cli.console;

import org.jspecify.annotations.NullMarked;
