package dev.limpet.edge.json;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.edge.json.Json.Arr;
import dev.limpet.edge.json.Json.Decimal;
import dev.limpet.edge.json.Json.Obj;
import dev.limpet.edge.json.Json.Plain;
import dev.limpet.edge.json.Json.Text;
import dev.limpet.edge.json.Json.Whole;
import dev.limpet.values.Encoder;
import dev.limpet.values.Quote;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/*
 * Bytes to documents. The parser is Jackson's; what it leaves to its caller is settled here: the bytes must be UTF-8
 * (it would guess UTF-16 and replace what is broken), a name may come once in an object (parsers disagree about which
 * one counts, and so would a proxy that checks), nothing may follow, and the nesting is bounded, without recursion.
 */
/** Parses request bodies. */
final class JsonParsing {
  /** Levels of objects and arrays: those of the deepest value, with maps as arrays of pairs, and the arguments. */
  static final int DEPTH_MAX = 201;

  private static final int TOKENS_MAX = 4_000_000;
  private static final int NUMBER_CHARS_MAX = 5_100;
  private static final int NAME_CHARS_MAX = 10_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxTokenCount(TOKENS_MAX)
                  .maxNumberLength(NUMBER_CHARS_MAX)
                  .maxStringLength(Encoder.BYTES_MAX)
                  .maxNameLength(NAME_CHARS_MAX)
                  .build())
          .build();

  /** An object or array that is not yet closed. */
  private record Open(@Nullable Map<String, Json> fields, List<Json> elements) {}

  private final Deque<Open> open = new ArrayDeque<>();
  private final Deque<String> names = new ArrayDeque<>();
  private String name = "";

  private JsonParsing() {}

  /**
   * The document in those bytes.
   *
   * @throws CallRefused {@code MALFORMED_REQUEST} if they are none
   */
  static Json parse(byte[] bytes) {
    String text = utf8(bytes);
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      Json document = new JsonParsing().document(parser);
      if (parser.nextToken() != null) {
        throw malformed(parser, "more follows after its end");
      }
      return document;
    } catch (StreamConstraintsException e) {
      throw new CallRefused(
          ErrorCode.MALFORMED_REQUEST, "the body is refused: " + printable(e.getOriginalMessage()));
    } catch (JacksonException e) {
      throw new CallRefused(
          ErrorCode.MALFORMED_REQUEST,
          "the body is not valid JSON at line %d, column %d: %s"
              .formatted(
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  e.getLocation() == null ? 1 : e.getLocation().getColumnNr(),
                  printable(e.getOriginalMessage())));
    }
  }

  private Json document(JsonParser parser) {
    while (true) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw malformed(parser, "it ends early");
      }
      Json done =
          switch (token) {
            case START_OBJECT -> begin(new Open(new LinkedHashMap<>(), List.of()));
            case START_ARRAY -> begin(new Open(null, new ArrayList<>()));
            case PROPERTY_NAME -> name(parser);
            case END_OBJECT, END_ARRAY -> end();
            case VALUE_STRING -> new Text(wellFormed(parser, parser.getString()));
            case VALUE_NUMBER_INT -> new Whole(parser.getString());
            case VALUE_NUMBER_FLOAT -> new Decimal(parser.getString());
            case VALUE_TRUE -> Plain.TRUE;
            case VALUE_FALSE -> Plain.FALSE;
            case VALUE_NULL -> Plain.NULL;
            case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                throw malformed(parser, "it has an unknown token");
          };
      if (done == null) {
        continue;
      }
      if (open.isEmpty()) {
        return done;
      }
      add(done);
    }
  }

  private @Nullable Json begin(Open container) {
    names.push(name);
    open.push(container);
    return null;
  }

  private @Nullable Json name(JsonParser parser) {
    name = wellFormed(parser, parser.currentName());
    Map<String, Json> fields = open.element().fields();
    if (fields != null && fields.containsKey(name)) {
      throw malformed(parser, "the name " + Quote.of(name) + " comes twice in one object");
    }
    return null;
  }

  private Json end() {
    Open closed = open.pop();
    name = names.pop();
    return closed.fields() != null ? new Obj(closed.fields()) : new Arr(closed.elements());
  }

  private void add(Json value) {
    Open into = open.element();
    if (into.fields() != null) {
      into.fields().put(name, value);
    } else {
      into.elements().add(value);
    }
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CallRefused(ErrorCode.MALFORMED_REQUEST, "the body is not valid UTF-8");
    }
  }

  private static String wellFormed(JsonParser parser, String text) {
    if (Surrogates.areBroken(text)) {
      throw malformed(parser, "a string has half of a surrogate pair (\\uD800 to \\uDFFF)");
    }
    return text;
  }

  private static CallRefused malformed(JsonParser parser, String what) {
    return new CallRefused(
        ErrorCode.MALFORMED_REQUEST,
        "the body is not valid JSON at line %d, column %d: %s"
            .formatted(
                parser.currentLocation().getLineNr(),
                parser.currentLocation().getColumnNr(),
                what));
  }

  private static String printable(@Nullable String message) {
    String quoted = Quote.of(message == null ? "unreadable" : message);
    return quoted.substring(1, quoted.length() - 1);
  }
}
