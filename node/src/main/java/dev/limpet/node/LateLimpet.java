package dev.limpet.node;

import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.Limpet;
import dev.limpet.Ref;
import dev.limpet.Unavailable;
import org.jspecify.annotations.Nullable;

/** The node as its processes see it: made before the node is, and not theirs to close. */
final class LateLimpet implements Limpet {
  private final String id;
  private volatile @Nullable Limpet node;

  LateLimpet(String id) {
    this.id = id;
  }

  void is(Limpet started) {
    node = started;
  }

  @Override
  public <P> Ref<P> ref(Class<P> type, String key) {
    Limpet started = node;
    if (started == null) {
      throw new Unavailable(ErrorCode.NO_HOME, Executed.NO, "this node is still starting");
    }
    return started.ref(type, key);
  }

  @Override
  public String nodeId() {
    return id;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("a process does not close its node");
  }
}
