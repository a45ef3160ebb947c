package dev.limpet.values;

/**
 * A parameter of a method.
 *
 * @param name its name, or {@code arg0} and so on if the interface was compiled without {@code -parameters}
 * @param type its type
 */
public record StickyParameter(String name, ValueType type) {}
