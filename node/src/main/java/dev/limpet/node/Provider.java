package dev.limpet.node;

import dev.limpet.Limpet;
import dev.limpet.spi.Hosted;
import dev.limpet.spi.LimpetProvider;
import dev.limpet.spi.NodeSettings;
import java.time.Clock;
import java.util.List;

/** How {@link Limpet#builder} and {@link Limpet#local} find this module. */
public final class Provider implements LimpetProvider {
  @Override
  public Limpet start(NodeSettings settings) {
    return new ClusteredNode(settings).start();
  }

  @Override
  public Limpet startLocal(List<Hosted<?>> hosted, Clock clock) {
    return LocalNode.start(hosted, clock);
  }
}
