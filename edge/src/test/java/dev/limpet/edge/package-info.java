@NullMarked
package dev.limpet.edge;

import org.jspecify.annotations.NullMarked;
