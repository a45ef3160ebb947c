/** Commands that ask a running node over HTTP. */
@NullMarked
package dev.limpet.cli.admin;

import org.jspecify.annotations.NullMarked;
