package dev.limpet.edge.json;

import dev.limpet.values.ArrayType;
import dev.limpet.values.Component;
import dev.limpet.values.EnumType;
import dev.limpet.values.MapType;
import dev.limpet.values.NullableType;
import dev.limpet.values.OptionalType;
import dev.limpet.values.RecordType;
import dev.limpet.values.ScalarType;
import dev.limpet.values.SealedType;
import dev.limpet.values.SequenceType;
import dev.limpet.values.ValueType;
import dev.limpet.values.VoidType;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes values as JSON. The values have passed the checks of their types, so their depth is bounded. */
final class JsonWriter {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final JsonGenerator out;

  private JsonWriter(JsonGenerator out) {
    this.out = out;
  }

  static byte[] write(ValueType type, @Nullable Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    try (JsonGenerator out =
        FACTORY.createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
      new JsonWriter(out).value(type, value);
    }
    return bytes.toByteArray();
  }

  private void value(ValueType type, @Nullable Object value) {
    if (value == null) {
      out.writeNull();
      return;
    }
    switch (type) {
      case NullableType nullable -> value(nullable.of(), value);
      case OptionalType optional -> value(optional.of(), ((Optional<?>) value).orElse(null));
      case ScalarType scalar -> scalar(value);
      case EnumType constants -> out.writeString(((Enum<?>) value).name());
      case RecordType fields -> {
        out.writeStartObject();
        fields(fields, value);
        out.writeEndObject();
      }
      case SealedType alternatives -> alternative(alternatives, value);
      case SequenceType sequence -> {
        out.writeStartArray();
        for (Object each : (Collection<?>) value) {
          value(sequence.element(), each);
        }
        out.writeEndArray();
      }
      case ArrayType array -> array(array, value);
      case MapType map -> map(map, (Map<?, ?>) value);
      case VoidType none -> out.writeNull();
    }
  }

  private void scalar(Object value) {
    switch (value) {
      case Boolean bool -> out.writeBoolean(bool);
      case Byte number -> out.writeNumber(number.intValue());
      case Short number -> out.writeNumber(number.intValue());
      case Integer number -> out.writeNumber(number);
      case Long number -> out.writeNumber(number);
      case BigInteger number -> out.writeNumber(number);
      case BigDecimal number -> out.writeNumber(number);
      case Float number when Float.isFinite(number) -> out.writeNumber(number);
      case Double number when Double.isFinite(number) -> out.writeNumber(number);
      case java.time.Year year -> out.writeNumber(year.getValue());
      default -> out.writeString(Surrogates.repair(value.toString()));
    }
  }

  private void fields(RecordType type, Object value) {
    for (Component component : type.components()) {
      out.writeName(component.name());
      value(component.type(), component.get(value));
    }
  }

  private void alternative(SealedType type, Object value) {
    ValueType alternative = type.alternativeOf(value);
    out.writeStartObject();
    out.writeName("type");
    out.writeString(SealedType.nameOf(alternative));
    if (alternative instanceof RecordType fields) {
      fields(fields, value);
    } else {
      out.writeName("value");
      value(alternative, value);
    }
    out.writeEndObject();
  }

  private void array(ArrayType type, Object array) {
    if (array instanceof byte[] bytes) {
      out.writeString(Base64.getEncoder().encodeToString(bytes));
      return;
    }
    out.writeStartArray();
    for (int i = 0; i < Array.getLength(array); i++) {
      value(type.element(), Array.get(array, i));
    }
    out.writeEndArray();
  }

  private void map(MapType type, Map<?, ?> map) {
    boolean text = MapKeys.areText(type);
    if (text) {
      out.writeStartObject();
    } else {
      out.writeStartArray();
    }
    for (Map.Entry<?, ?> each : map.entrySet()) {
      if (text) {
        out.writeName(Surrogates.repair(MapKeys.show(each.getKey())));
        value(type.value(), each.getValue());
      } else {
        out.writeStartArray();
        value(type.key(), each.getKey());
        value(type.value(), each.getValue());
        out.writeEndArray();
      }
    }
    if (text) {
      out.writeEndObject();
    } else {
      out.writeEndArray();
    }
  }
}
