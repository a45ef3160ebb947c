/**
 * Tests of your own processes in a cluster that lives in the test's JVM and breaks when it is told to: {@link
 * dev.limpet.testkit.TestCluster} is the cluster, {@link dev.limpet.testkit.Faults} breaks it by a seed, and {@link
 * dev.limpet.testkit.Trial} calls your processes meanwhile and checks every answer.
 */
@NullMarked
package dev.limpet.testkit;

import org.jspecify.annotations.NullMarked;
