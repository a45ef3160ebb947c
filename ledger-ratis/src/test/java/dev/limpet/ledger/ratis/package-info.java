@NullMarked
package dev.limpet.ledger.ratis;

import org.jspecify.annotations.NullMarked;
