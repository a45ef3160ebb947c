package dev.limpet.cli.faults;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives all tests of a class the same cluster, started by the first and stopped after the last. A
 * class has one of its own because a cluster remembers: the oftener a node was taken for dead, the
 * longer its shards stay away from it when it is back, and each trial waits until they are home.
 */
final class SharedCluster implements ParameterResolver {
  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == FaultyCluster.class;
  }

  @Override
  public FaultyCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return classOf(context)
        .getStore(Namespace.create(SharedCluster.class))
        .computeIfAbsent("cluster", name -> FaultyCluster.start(), FaultyCluster.class);
  }

  private static ExtensionContext classOf(ExtensionContext context) {
    ExtensionContext at = context;
    while (at.getTestMethod().isPresent()) {
      at = at.getParent().orElseThrow();
    }
    return at;
  }
}
