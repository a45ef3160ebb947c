/** Certificates for the TLS between nodes. */
@NullMarked
package dev.limpet.cli.certs;

import org.jspecify.annotations.NullMarked;
