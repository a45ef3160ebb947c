package dev.limpet.core.forming;

/** One of the first nodes: its name, the storage that it would vote from, and where it is reached. */
public record Founder(String node, String storage, String address) {
  /** Whether it is the same node with the same disk. */
  public boolean is(Founder other) {
    return node.equals(other.node) && storage.equals(other.storage);
  }
}
