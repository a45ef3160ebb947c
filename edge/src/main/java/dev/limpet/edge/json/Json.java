package dev.limpet.edge.json;

import dev.limpet.values.Quote;
import java.util.List;
import java.util.Map;

/** A JSON document as it was written: numbers keep their digits, objects the order of their names. */
sealed interface Json {
  record Obj(Map<String, Json> fields) implements Json {}

  record Arr(List<Json> elements) implements Json {}

  record Text(String text) implements Json {}

  /** A number with neither point nor exponent. */
  record Whole(String digits) implements Json {}

  record Decimal(String digits) implements Json {}

  enum Plain implements Json {
    TRUE,
    FALSE,
    NULL
  }

  /** The document in an error message: safe and short. */
  default String show() {
    return switch (this) {
      case Obj object -> "an object";
      case Arr array -> "an array";
      case Text string -> Quote.of(string.text());
      case Whole number -> cut(number.digits());
      case Decimal number -> cut(number.digits());
      case Plain plain ->
          switch (plain) {
            case TRUE -> "true";
            case FALSE -> "false";
            case NULL -> "null";
          };
    };
  }

  private static String cut(String digits) {
    return digits.length() <= Quote.CHARS_MAX ? digits : digits.substring(0, Quote.CHARS_MAX) + "…";
  }
}
