/** Arguments and results as JSON: strict in what is taken, plain in what is given. */
@NullMarked
package dev.limpet.edge.json;

import org.jspecify.annotations.NullMarked;
