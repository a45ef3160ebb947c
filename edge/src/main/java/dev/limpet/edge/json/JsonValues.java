package dev.limpet.edge.json;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.edge.json.Json.Arr;
import dev.limpet.edge.json.Json.Obj;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.StickyParameter;
import dev.limpet.values.ValueRefused;
import dev.limpet.values.ValueType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Arguments from JSON and results to JSON. Strict: nothing unknown, nothing missing unless it may be null, no number
 * for a string or the other way round, no fraction for a whole number. Thread-safe, without state.
 *
 * <p>A record is an object, a sealed type one with {@code "type"} in it, a list, set or array an array, {@code byte[]}
 * a string in base64, a map an object (an array of pairs if its keys are no text), times are ISO-8601 strings, an empty
 * {@code Optional} is null.
 */
public final class JsonValues {
  private JsonValues() {}

  /**
   * The arguments in a request body: an object by parameter name, an array by position, or no bytes for none.
   *
   * @return values of the parameters' types, immutable or fresh
   * @throws CallRefused {@code MALFORMED_REQUEST} if the body is no JSON, {@code INVALID_ARGUMENT} or {@code TOO_LARGE}
   *     if it is not the method's arguments; the message names the place
   */
  public static @Nullable Object[] arguments(StickyMethod method, byte[] body) {
    Json document = body.length == 0 ? new Obj(Map.of()) : JsonParsing.parse(body);
    try {
      return switch (document) {
        case Obj object -> byName(method, object.fields());
        case Arr array -> byPosition(method, array.elements());
        default -> throw JsonReader.wrong(document, shape(method)).in("arguments");
      };
    } catch (ValueRefused e) {
      throw refused(method.name() + ": ", e);
    }
  }

  /** The result as a response body; no bytes for a void method, {@code null} for null and an empty Optional. */
  public static byte[] result(StickyMethod method, @Nullable Object value) {
    return method.isVoid() ? new byte[0] : JsonWriter.write(method.result(), value);
  }

  /** Reads a value on its own. */
  public static @Nullable Object read(ValueType type, byte[] json) {
    try {
      return new JsonReader().in("value", type, JsonParsing.parse(json));
    } catch (ValueRefused e) {
      throw refused("", e);
    }
  }

  /** Writes a value on its own. */
  public static byte[] write(ValueType type, @Nullable Object value) {
    return JsonWriter.write(type, value);
  }

  private static @Nullable Object[] byName(StickyMethod method, Map<String, Json> fields) {
    List<StickyParameter> parameters = method.parameters();
    if (!method.isNamed() && !parameters.isEmpty()) {
      throw new ValueRefused("is an object, expected " + shape(method)).in("arguments");
    }
    List<String> names = parameters.stream().map(StickyParameter::name).toList();
    for (String name : fields.keySet()) {
      if (!names.contains(name)) {
        throw JsonReader.unknown(name, names).in("arguments");
      }
    }
    JsonReader reader = new JsonReader();
    @Nullable Object[] arguments = new @Nullable Object[names.size()];
    for (int i = 0; i < arguments.length; i++) {
      ValueType type = parameters.get(i).type();
      Json given = fields.get(names.get(i));
      if (given != null) {
        arguments[i] = reader.in("arguments." + names.get(i), type, given);
      } else if (!type.isNullable()) {
        throw new ValueRefused("is missing, expected " + JsonReader.expected(type))
            .in("arguments." + names.get(i));
      }
    }
    return arguments;
  }

  private static @Nullable Object[] byPosition(StickyMethod method, List<Json> elements) {
    List<StickyParameter> parameters = method.parameters();
    if (elements.size() != parameters.size()) {
      throw new ValueRefused("is an array of " + elements.size() + ", expected " + shape(method))
          .in("arguments");
    }
    JsonReader reader = new JsonReader();
    @Nullable Object[] arguments = new @Nullable Object[elements.size()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = reader.in("arguments[" + i + "]", parameters.get(i).type(), elements.get(i));
    }
    return arguments;
  }

  private static String shape(StickyMethod method) {
    List<StickyParameter> parameters = method.parameters();
    if (parameters.isEmpty()) {
      return "an empty object";
    }
    return method.isNamed()
        ? "an object with "
            + String.join(", ", parameters.stream().map(StickyParameter::name).toList())
        : "an array of "
            + parameters.size()
            + ", since the interface was compiled without -parameters";
  }

  private static CallRefused refused(String prefix, ValueRefused e) {
    return new CallRefused(
        e.isTooLarge() ? ErrorCode.TOO_LARGE : ErrorCode.INVALID_ARGUMENT, prefix + e.getMessage());
  }
}
