/** Real work on a small cluster, a node killed in the middle of it, and a check of every acknowledged call. */
@NullMarked
package dev.limpet.cli.demo;

import org.jspecify.annotations.NullMarked;
