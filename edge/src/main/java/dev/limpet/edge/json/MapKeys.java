package dev.limpet.edge.json;

import dev.limpet.values.EnumType;
import dev.limpet.values.MapType;
import dev.limpet.values.Scalar;
import dev.limpet.values.ScalarType;
import dev.limpet.values.ValueType;
import org.jspecify.annotations.Nullable;

/** Keys of maps, which in JSON are strings where they can be. */
final class MapKeys {
  private MapKeys() {}

  /** Whether the map is an object; else it is an array of pairs. */
  static boolean areText(MapType map) {
    return map.key() instanceof ScalarType || map.key() instanceof EnumType;
  }

  static String show(@Nullable Object key) {
    return key instanceof Enum<?> constant ? constant.name() : String.valueOf(key);
  }

  static Object parse(ValueType type, String text) {
    if (type instanceof EnumType constants) {
      return constants.constant(text);
    }
    Scalar scalar = ((ScalarType) type).scalar();
    Object key = scalar.parse(text);
    // Java reads more than it writes, such as +5 and 0x1p3
    if (key instanceof Number && !key.toString().equals(text)) {
      throw JsonReader.wrong(new Json.Text(text), scalar.expected());
    }
    return key;
  }
}
