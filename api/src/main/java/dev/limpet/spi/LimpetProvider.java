package dev.limpet.spi;

import dev.limpet.ErrorCode;
import dev.limpet.Limpet;
import dev.limpet.StartFailed;
import java.time.Clock;
import java.util.List;
import java.util.ServiceLoader;

/** Starts nodes; the {@code limpet-node} jar provides it. */
public interface LimpetProvider {
  Limpet start(NodeSettings settings);

  Limpet startLocal(List<Hosted<?>> hosted, Clock clock);

  /** The provider on the class or module path. */
  static LimpetProvider find() {
    return ServiceLoader.load(LimpetProvider.class)
        .findFirst()
        .orElseThrow(() ->
            new StartFailed(
                ErrorCode.ENGINE_MISSING,
                "no node is on the class path; add the dependency dev.limpet:limpet-node"));
  }
}
