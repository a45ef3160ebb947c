package dev.limpet.edge.json;

import dev.limpet.edge.json.Json.Arr;
import dev.limpet.edge.json.Json.Decimal;
import dev.limpet.edge.json.Json.Obj;
import dev.limpet.edge.json.Json.Plain;
import dev.limpet.edge.json.Json.Text;
import dev.limpet.edge.json.Json.Whole;
import dev.limpet.values.ArrayType;
import dev.limpet.values.Component;
import dev.limpet.values.EnumType;
import dev.limpet.values.Limits;
import dev.limpet.values.MapType;
import dev.limpet.values.NullableType;
import dev.limpet.values.OptionalType;
import dev.limpet.values.Quote;
import dev.limpet.values.RecordType;
import dev.limpet.values.Scalar;
import dev.limpet.values.ScalarType;
import dev.limpet.values.SealedType;
import dev.limpet.values.SequenceType;
import dev.limpet.values.ValueRefused;
import dev.limpet.values.ValueType;
import dev.limpet.values.VoidType;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns a document into a value, or says where and why it is none. Takes nothing for something else. */
final class JsonReader {
  private int depth;

  @Nullable Object read(ValueType type, Json json) {
    return switch (type) {
      case NullableType nullable -> json == Plain.NULL ? null : read(nullable.of(), json);
      case OptionalType optional ->
          json == Plain.NULL ? Optional.empty() : Optional.ofNullable(read(optional.of(), json));
      case ScalarType scalar -> scalar(scalar.scalar(), json);
      case EnumType constants ->
          constants.constant(text(json, "one of " + some(constants.names())));
      case RecordType fields -> nested(() -> record(fields, object(json, fields).fields()));
      case SealedType alternatives ->
          nested(() -> alternative(alternatives, object(json, alternatives).fields()));
      case SequenceType sequence ->
          nested(() -> sequence.of(elements(sequence.element(), array(json, sequence))));
      case ArrayType array when array.isBytes() -> bytes(json);
      case ArrayType array -> nested(() -> array.of(elements(array.element(), array(json, array))));
      case MapType map -> nested(() -> map(map, json));
      case VoidType none -> throw wrong(json, "nothing");
    };
  }

  private interface Reading {
    Object read();
  }

  private Object nested(Reading reading) {
    if (++depth > Limits.DEPTH_MAX) {
      throw ValueRefused.tooLarge("nests deeper than " + Limits.DEPTH_MAX + " levels");
    }
    Object value = reading.read();
    depth--;
    return value;
  }

  private static Object scalar(Scalar scalar, Json json) {
    return switch (scalar) {
      case BOOLEAN ->
          switch (json) {
            case Plain plain when plain != Plain.NULL -> plain == Plain.TRUE;
            default -> throw wrong(json, scalar.expected());
          };
      case BYTE, SHORT, INT, LONG, BIG_INTEGER, YEAR -> {
        if (!(json instanceof Whole number)) {
          throw wrong(json, scalar.expected());
        }
        yield parse(scalar, number.digits(), json);
      }
      case BIG_DECIMAL ->
          switch (json) {
            case Whole number -> parse(scalar, number.digits(), json);
            case Decimal number -> parse(scalar, number.digits(), json);
            default -> throw wrong(json, scalar.expected());
          };
      case FLOAT, DOUBLE ->
          switch (json) {
            case Whole number -> finite(scalar, number.digits(), json);
            case Decimal number -> finite(scalar, number.digits(), json);
            case Text text when isSpecial(text.text()) -> scalar.parse(text.text());
            default -> throw wrong(json, scalar.expected());
          };
      default -> {
        if (!(json instanceof Text text)) {
          throw wrong(json, scalar.expected());
        }
        yield scalar.parse(text.text());
      }
    };
  }

  private static Object parse(Scalar scalar, String digits, Json json) {
    try {
      return scalar.parse(digits);
    } catch (ValueRefused e) {
      throw e.isTooLarge() ? e : wrong(json, scalar.expected());
    }
  }

  private static Object finite(Scalar scalar, String digits, Json json) {
    Object value = scalar.parse(digits);
    if (!Double.isFinite(((Number) value).doubleValue())) {
      throw wrong(
          json, "a number that a " + (scalar == Scalar.FLOAT ? "float" : "double") + " can hold");
    }
    return value;
  }

  /** What JSON has no number for is a string, both ways. */
  private static boolean isSpecial(String text) {
    return text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity");
  }

  private Object record(RecordType type, Map<String, Json> fields) {
    List<Component> components = type.components();
    for (String name : fields.keySet()) {
      if (type.indexOf(name) < 0) {
        throw unknown(name, components.stream().map(Component::name).toList());
      }
    }
    @Nullable Object[] values = new @Nullable Object[components.size()];
    for (int i = 0; i < values.length; i++) {
      Component component = components.get(i);
      Json given = fields.get(component.name());
      values[i] =
          given == null ? missing(type, i) : in("." + component.name(), component.type(), given);
    }
    return type.of(values);
  }

  private static @Nullable Object missing(RecordType type, int index) {
    Component component = type.components().get(index);
    if (type.declaresDefaults()
        || component.type().isNullable()
        || component.type() instanceof OptionalType) {
      return type.missing(index);
    }
    throw new ValueRefused("is missing, expected " + expected(component.type()))
        .in("." + component.name());
  }

  private Object alternative(SealedType type, Map<String, Json> fields) {
    Json tag = fields.get("type");
    String names = "one of " + some(type.names());
    if (tag == null) {
      throw new ValueRefused("is missing, expected " + names).in(".type");
    }
    ValueType alternative;
    try {
      alternative = type.alternative(text(tag, names));
    } catch (ValueRefused e) {
      throw e.in(".type");
    }
    Map<String, Json> rest = new LinkedHashMap<>(fields);
    rest.remove("type");
    if (alternative instanceof RecordType fieldsOf) {
      return record(fieldsOf, rest);
    }
    Json constant = rest.remove("value");
    for (String name : rest.keySet()) {
      throw unknown(name, List.of("type", "value"));
    }
    Object value = in(".value", alternative, constant == null ? Plain.NULL : constant);
    return java.util.Objects.requireNonNull(value);
  }

  private @Nullable Object[] elements(ValueType element, Arr array) {
    @Nullable Object[] values = new @Nullable Object[array.elements().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in("[" + i + "]", element, array.elements().get(i));
    }
    return values;
  }

  private Object map(MapType type, Json json) {
    if (!MapKeys.areText(type)) {
      return pairs(type, array(json, type));
    }
    Map<String, Json> fields = object(json, type).fields();
    @Nullable Object[] keys = new @Nullable Object[fields.size()];
    @Nullable Object[] values = new @Nullable Object[fields.size()];
    int i = 0;
    for (Map.Entry<String, Json> each : fields.entrySet()) {
      String step = "[" + Quote.of(each.getKey()) + "]";
      try {
        keys[i] = MapKeys.parse(type.key(), each.getKey());
      } catch (ValueRefused e) {
        throw e.in(".key()");
      }
      values[i++] = in(step, type.value(), each.getValue());
    }
    return type.of(keys, values);
  }

  private Object pairs(MapType type, Arr array) {
    int count = array.elements().size();
    @Nullable Object[] keys = new @Nullable Object[count];
    @Nullable Object[] values = new @Nullable Object[count];
    for (int i = 0; i < count; i++) {
      Json pair = array.elements().get(i);
      if (!(pair instanceof Arr both) || both.elements().size() != 2) {
        throw wrong(pair, "a pair [key, value]").in("[" + i + "]");
      }
      keys[i] = in("[" + i + "][0]", type.key(), both.elements().get(0));
      values[i] = in("[" + i + "][1]", type.value(), both.elements().get(1));
    }
    return type.of(keys, values);
  }

  @Nullable Object in(String step, ValueType type, Json json) {
    try {
      return read(type, json);
    } catch (ValueRefused e) {
      throw e.in(step);
    }
  }

  private static byte[] bytes(Json json) {
    String expected = "a string in base64 (RFC 4648 section 4, padded)";
    String text = text(json, expected);
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw wrong(json, expected);
  }

  private static String text(Json json, String expected) {
    if (!(json instanceof Text text)) {
      throw wrong(json, expected);
    }
    return text.text();
  }

  private static Obj object(Json json, ValueType type) {
    if (!(json instanceof Obj object)) {
      throw wrong(json, expected(type));
    }
    return object;
  }

  private static Arr array(Json json, ValueType type) {
    if (!(json instanceof Arr array)) {
      throw wrong(json, expected(type));
    }
    return array;
  }

  static ValueRefused unknown(String name, List<String> known) {
    return new ValueRefused(
        known.isEmpty()
            ? "has the field " + Quote.of(name) + ", expected none"
            : "has the field " + Quote.of(name) + ", expected only " + some(known));
  }

  static ValueRefused wrong(Json json, String expected) {
    return new ValueRefused("is " + json.show() + ", expected " + expected);
  }

  /** What to give for a type, in the words of JSON. */
  static String expected(ValueType type) {
    return switch (type) {
      case NullableType nullable -> expected(nullable.of()) + " or null";
      case OptionalType optional -> expected(optional.of()) + " or null";
      case ScalarType scalar -> scalar.scalar().expected();
      case EnumType constants -> "one of " + some(constants.names());
      case RecordType fields ->
          "an object with " + some(fields.components().stream().map(Component::name).toList());
      case SealedType alternatives ->
          "an object with \"type\": one of " + some(alternatives.names());
      case SequenceType sequence -> "an array";
      case ArrayType array -> array.isBytes() ? "a string in base64" : "an array";
      case MapType map -> MapKeys.areText(map) ? "an object" : "an array of pairs [key, value]";
      case VoidType none -> "nothing";
    };
  }

  private static String some(Iterable<String> names) {
    StringBuilder out = new StringBuilder();
    int count = 0;
    for (String name : names) {
      if (count++ == 20) {
        return out.append(", …").toString();
      }
      out.append(count == 1 ? "" : ", ").append(name);
    }
    return out.isEmpty() ? "no fields" : out.toString();
  }
}
