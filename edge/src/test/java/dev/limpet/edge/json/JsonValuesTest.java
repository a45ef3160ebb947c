package dev.limpet.edge.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Sticky;
import dev.limpet.values.StickyMethod;
import dev.limpet.values.StickyType;
import dev.limpet.values.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Year;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class JsonValuesTest {
  enum Color {
    RED,
    BLUE
  }

  sealed interface Shape permits Circle, Fixed {}

  record Circle(double radius) implements Shape {}

  enum Fixed implements Shape {
    POINT
  }

  record Line(String item, int count) {}

  record Order(String id, List<Line> lines, @Nullable String note, Optional<Color> color) {}

  record Defaulted(String name, int count) {
    static Defaulted defaults() {
      return new Defaulted("?", 7);
    }
  }

  record Node(String name, List<Node> children) {}

  record Everything(
      boolean flag,
      byte tiny,
      char letter,
      int number,
      long large,
      float single,
      double real,
      BigInteger big,
      BigDecimal exact,
      String text,
      byte[] bytes,
      UUID id,
      Instant at,
      Duration lasting,
      LocalDate date,
      Year year,
      ZoneId zone,
      DayOfWeek day,
      Set<Color> colors,
      Map<String, Line> byName,
      Map<Integer, String> byNumber,
      Map<Line, String> byLine,
      List<Shape> shapes,
      @Nullable Line line,
      Optional<String> maybe,
      long[] longs) {}

  @Sticky("shop")
  interface Shop {
    long add(long n);

    Optional<Line> place(Order order, @Nullable String hint);

    void clear();

    Everything everything(Everything value);

    @Nullable String note(Shape shape, Defaulted defaulted);
  }

  private static final StickyType<Shop> SHOP = StickyType.of(Shop.class);
  private static final StickyMethod ADD = SHOP.method("add");
  private static final StickyMethod PLACE = SHOP.method("place");

  private static Object[] read(StickyMethod method, String json) {
    return JsonValues.arguments(method, json.getBytes(StandardCharsets.UTF_8));
  }

  private static String write(StickyMethod method, Object value) {
    return new String(JsonValues.result(method, value), StandardCharsets.UTF_8);
  }

  private static Everything everything() {
    return new Everything(
        true,
        (byte) -128,
        'ß',
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        1.5f,
        Double.MAX_VALUE,
        BigInteger.TWO.pow(300),
        new BigDecimal("0.1200"),
        "grüße \uD83D\uDC1A \"\\\u0000\n",
        new byte[] {-1, 0, 1},
        new UUID(1, 2),
        Instant.parse("2026-01-31T12:00:00.5Z"),
        Duration.ofMillis(1_500),
        LocalDate.of(2026, 2, 28),
        Year.of(2026),
        ZoneId.of("Europe/Berlin"),
        DayOfWeek.MONDAY,
        Set.of(Color.BLUE),
        new LinkedHashMap<>(Map.of("k", new Line("x", 1))),
        Map.of(-5, "minus five"),
        Map.of(new Line("y", 2), "two"),
        List.of(new Circle(2), Fixed.POINT),
        null,
        Optional.of("some"),
        new long[] {1, -2});
  }

  @Test
  void everything_comesBackEqual() {
    String json = write(SHOP.method("everything"), everything());
    Object[] back = read(SHOP.method("everything"), "{\"value\":" + json + "}");
    assertThat(back[0]).usingRecursiveComparison().isEqualTo(everything());
  }

  @Test
  void everything_looksAsDocumented() {
    assertThat(write(SHOP.method("everything"), everything()))
        .contains(
            "\"large\":9223372036854775807",
            "\"exact\":0.1200",
            "\"bytes\":\"/wAB\"",
            "\"at\":\"2026-01-31T12:00:00.500Z\"",
            "\"lasting\":\"PT1.5S\"",
            "\"year\":2026",
            "\"byName\":{\"k\":{\"item\":\"x\",\"count\":1}}",
            "\"byNumber\":{\"-5\":\"minus five\"}",
            "\"byLine\":[[{\"item\":\"y\",\"count\":2},\"two\"]]",
            "\"shapes\":[{\"type\":\"Circle\",\"radius\":2.0},{\"type\":\"Fixed\",\"value\":\"POINT\"}]",
            "\"line\":null",
            "\"maybe\":\"some\"");
  }

  @Test
  void results_ofEveryForm() {
    assertThat(write(ADD, 5L)).isEqualTo("5");
    assertThat(write(PLACE, Optional.empty())).isEqualTo("null");
    assertThat(write(PLACE, Optional.of(new Line("a", 1))))
        .isEqualTo("{\"item\":\"a\",\"count\":1}");
    assertThat(write(SHOP.method("note"), null)).isEqualTo("null");
    assertThat(write(SHOP.method("clear"), null)).isEmpty();
    assertThat(write(SHOP.method("note"), "half \uD800 pair")).isEqualTo("\"half \uFFFD pair\"");
    assertThat(
            new String(
                JsonValues.write(ValueType.of(double.class), Double.NaN), StandardCharsets.UTF_8))
        .isEqualTo("\"NaN\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"n\":5}|5",
        "[5]|5",
        " { \"n\" : -9223372036854775808 } |-9223372036854775808",
        "{\"n\":-0}|0"
      })
  void arguments_byNameOrPosition(String json, long n) {
    assertThat(read(ADD, json)).containsExactly(n);
  }

  @Test
  void emptyBody_isNoArguments() {
    assertThat(read(SHOP.method("clear"), "")).isEmpty();
    assertThat(read(SHOP.method("clear"), "{}")).isEmpty();
    assertThat(read(SHOP.method("clear"), "[]")).isEmpty();
  }

  @Test
  void nullableAndOptional_mayBeMissingOrNull() {
    Order order = new Order("o", List.of(), null, Optional.empty());
    assertThat(read(PLACE, "{\"order\":{\"id\":\"o\",\"lines\":[]}}")).containsExactly(order, null);
    assertThat(
            read(
                PLACE,
                "{\"hint\":null,\"order\":{\"color\":null,\"note\":null,\"lines\":[],\"id\":\"o\"}}"))
        .containsExactly(order, null);
  }

  @Test
  void recordWithDefaults_takesThem_andTypeMayStandAnywhere() {
    assertThat(
            read(
                SHOP.method("note"),
                "{\"defaulted\":{\"name\":\"x\"},\"shape\":{\"radius\":1,\"type\":\"Circle\"}}"))
        .containsExactly(new Circle(1), new Defaulted("x", 7));
  }

  static List<Arguments> refusedAdds() {
    String range = "expected a whole number from -9223372036854775808 to 9223372036854775807";
    return List.of(
        Arguments.of("{\"n\":\"5\"}", "add: arguments.n is \"5\", " + range),
        Arguments.of("{\"n\":5.0}", "add: arguments.n is 5.0, " + range),
        Arguments.of("{\"n\":1e3}", "add: arguments.n is 1e3, " + range),
        Arguments.of(
            "{\"n\":9223372036854775808}", "add: arguments.n is 9223372036854775808, " + range),
        Arguments.of("{\"n\":true}", "add: arguments.n is true, " + range),
        Arguments.of("{\"n\":null}", "add: arguments.n is null, " + range),
        Arguments.of("{\"n\":{}}", "add: arguments.n is an object, " + range),
        Arguments.of("{\"n\":[5]}", "add: arguments.n is an array, " + range),
        Arguments.of("{}", "add: arguments.n is missing, " + range),
        Arguments.of("", "add: arguments.n is missing, " + range),
        Arguments.of("{\"n\":1,\"m\":2}", "add: arguments has the field \"m\", expected only n"),
        Arguments.of("[]", "add: arguments is an array of 0, expected an object with n"),
        Arguments.of("[1,2]", "add: arguments is an array of 2, expected an object with n"),
        Arguments.of("5", "add: arguments is 5, expected an object with n"),
        Arguments.of("null", "add: arguments is null, expected an object with n"),
        Arguments.of(
            "{\"n\":" + "9".repeat(4_000) + "}",
            "add: arguments.n is " + "9".repeat(60) + "…, " + range));
  }

  @ParameterizedTest
  @MethodSource("refusedAdds")
  void wrongArguments_areRefusedWithPlaceAndExpectation(String json, String message) {
    assertThatThrownBy(() -> read(ADD, json))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"id\":\"o\",\"lines\":[{\"item\":\"a\",\"count\":1},{\"item\":\"b\",\"count\":3000000000}]}|arguments.order.lines[1].count"
            + " is 3000000000, expected a whole number from -2147483648 to 2147483647",
        "{\"id\":\"o\",\"lines\":[{\"item\":\"a\"}]}|arguments.order.lines[0].count is missing,"
            + " expected a whole",
        "{\"id\":7,\"lines\":[]}|arguments.order.id is 7, expected a string",
        "{\"id\":null,\"lines\":[]}|arguments.order.id is null, expected a string",
        "{\"id\":\"o\",\"lines\":[],\"extra\":1}|arguments.order has the field \"extra\", expected"
            + " only id, lines, note, color",
        "{\"id\":\"o\",\"lines\":{}}|arguments.order.lines is an object, expected an array",
        "{\"id\":\"o\",\"lines\":[],\"color\":\"GREEN\"}|arguments.order.color is \"GREEN\","
            + " expected one of RED, BLUE",
        "{\"id\":\"o\",\"lines\":[],\"color\":0}|arguments.order.color is 0, expected one of RED,"
            + " BLUE"
      })
  void wrongParts_areRefusedWithPlaceAndExpectation(String order, String message) {
    assertThatThrownBy(() -> read(PLACE, "{\"order\":" + order + "}"))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith("place: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"radius\":1}|arguments.shape.type is missing, expected one of Circle, Fixed",
        "{\"type\":\"Thread\"}|arguments.shape.type is of type \"Thread\", expected one of Circle,"
            + " Fixed",
        "{\"type\":\"java.lang.Thread\"}|arguments.shape.type is of type",
        "{\"type\":\"Circle\",\"radius\":\"1\"}|arguments.shape.radius is \"1\", expected a number",
        "{\"type\":\"Circle\",\"radius\":1e999}|arguments.shape.radius is 1e999, expected a number"
            + " that a double can hold",
        "{\"type\":\"Fixed\",\"value\":\"LINE\"}|arguments.shape.value is \"LINE\", expected one of"
            + " POINT",
        "{\"type\":\"Fixed\",\"value\":\"POINT\",\"x\":1}|arguments.shape has the field \"x\"",
        "\"Circle\"|arguments.shape is \"Circle\", expected an object with \"type\": one of Circle,"
            + " Fixed"
      })
  void wrongAlternatives_areRefused(String shape, String message) {
    assertThatThrownBy(
            () -> read(SHOP.method("note"), "{\"shape\":" + shape + ",\"defaulted\":{}}"))
        .isInstanceOf(CallRefused.class)
        .hasMessageStartingWith("note: " + message);
  }

  static List<Arguments> refusedScalars() {
    return List.of(
        Arguments.of(byte.class, "128"),
        Arguments.of(char.class, "\"ab\""),
        Arguments.of(char.class, "65"),
        Arguments.of(float.class, "1e39"),
        Arguments.of(double.class, "\"1\""),
        Arguments.of(boolean.class, "\"true\""),
        Arguments.of(boolean.class, "1"),
        Arguments.of(String.class, "1"),
        Arguments.of(BigInteger.class, "1.0"),
        Arguments.of(BigDecimal.class, "\"1\""),
        Arguments.of(byte[].class, "\"YQ\""),
        Arguments.of(byte[].class, "\"YR==\""),
        Arguments.of(byte[].class, "\"Y Q=\""),
        Arguments.of(byte[].class, "[1]"),
        Arguments.of(UUID.class, "\"1-1-1-1-1\""),
        Arguments.of(Instant.class, "1700000000"),
        Arguments.of(Instant.class, "\"2026-13-01T00:00:00Z\""),
        Arguments.of(LocalDate.class, "\"2026-02-30\""),
        Arguments.of(Year.class, "\"2026\""));
  }

  @ParameterizedTest
  @MethodSource("refusedScalars")
  void scalars_areNeverCoerced(Class<?> type, String json) {
    assertThatThrownBy(
            () -> JsonValues.read(ValueType.of(type), json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith("value is ")
        .hasMessageContaining(", expected ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{\"n\":",
        "{\"n\":1",
        "{\"n\":1}}",
        "{\"n\":1} x",
        "{\"n\":1}{}",
        "{\"n\":1,}",
        "{n:1}",
        "{'n':1}",
        "{\"n\":01}",
        "{\"n\":+1}",
        "{\"n\":.5}",
        "{\"n\":0x1}",
        "{\"n\":NaN}",
        "{\"n\":1}//c",
        "/**/{\"n\":1}",
        "   ",
        "{\"n\":1,\"n\":1}",
        "{\"n\":1,\"\\u006e\":2}",
        "{\"n\":\"\\ud800\"}",
        "{\"n\":\"\\x\"}",
        "{\"n\":\"a\nb\"}",
        "\uFEFF{\"n\":1}",
        "[1,]",
        "tru"
      })
  void brokenJson_isMalformed(String json) {
    assertThatThrownBy(() -> read(ADD, json))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST))
        .hasMessageMatching("the body is not valid JSON at line \\d+, column \\d+: .+");
  }

  @Test
  void duplicateName_isMalformedInEveryObject() {
    assertThatThrownBy(() -> read(PLACE, "{\"order\":{\"id\":\"a\",\"lines\":[],\"id\":\"b\"}}"))
        .hasMessageContaining("the name \"id\" comes twice in one object");
  }

  @Test
  void otherEncodings_areMalformed() {
    for (byte[] body :
        List.of(
            "{\"n\":1}".getBytes(StandardCharsets.UTF_16BE),
            "{\"n\":1}".getBytes(StandardCharsets.UTF_16LE),
            new byte[] {'{', '"', (byte) 0xC0, (byte) 0x80, '"', ':', '1', '}'},
            new byte[] {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'},
            new byte[] {'"', (byte) 0xFF, '"'})) {
      assertThatThrownBy(() -> JsonValues.arguments(ADD, body))
          .isInstanceOfSatisfying(
              CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST));
    }
  }

  @Test
  void deepNesting_isRefusedWithoutStackOverflow() {
    for (String unit : List.of("[", "{\"a\":", "[{\"a\":[")) {
      assertThatThrownBy(() -> read(ADD, unit.repeat(100_000)))
          .isInstanceOfSatisfying(
              CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MALFORMED_REQUEST));
    }
  }

  private static byte[] tree(int records) {
    String json = "{\"name\":\"n\",\"children\":[".repeat(records) + "]}".repeat(records);
    return json.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void depth_isTheSameAsInBytes() {
    ValueType type = ValueType.of(Node.class);
    Object deepest = JsonValues.read(type, tree(50)); // a record and a list on each level
    assertThat(type.isolate(deepest)).isSameAs(deepest);
    assertThat(JsonValues.read(type, JsonValues.write(type, deepest))).isEqualTo(deepest);
    assertThatThrownBy(() -> JsonValues.read(type, tree(51)))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE))
        .hasMessageContaining("nests deeper than 100 levels");
  }

  @Test
  void longNumbers_areRefusedBeforeTheyAreComputed() {
    for (String json :
        List.of("9".repeat(1_000_000), "1e" + "9".repeat(10_000), "1e999999999", "1e-999999999")) {
      assertThatThrownBy(() ->
              JsonValues.read(
                  ValueType.of(BigDecimal.class), json.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(CallRefused.class);
    }
  }

  @Test
  void specialNumbers_areStringsForDoublesOnly() {
    byte[] nan = "\"NaN\"".getBytes(StandardCharsets.UTF_8);
    assertThat(JsonValues.read(ValueType.of(double.class), nan)).isEqualTo(Double.NaN);
    assertThatThrownBy(() -> JsonValues.read(ValueType.of(BigDecimal.class), nan))
        .isInstanceOf(CallRefused.class);
  }

  @Test
  void excerpts_areShortAndPrintable() {
    assertThatThrownBy(
            () -> read(ADD, "{\"n\":\"" + "\\u001b[31m\\n<script>".repeat(1_000) + "\"}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250).matches("[ -~…]*"));
  }

  /** Bytes changed at random give arguments or a refusal, never another error. */
  @Test
  void damagedJson_givesArgumentsOrARefusal() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    StickyMethod method = SHOP.method("everything");
    byte[] good =
        ("{\"value\":" + write(method, everything()) + "}").getBytes(StandardCharsets.UTF_8);
    byte[] alphabet = "{}[]\",:\\0123456789.eE+-tfnul \u00fc".getBytes(StandardCharsets.UTF_8);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        bad[random.nextInt(bad.length)] = alphabet[random.nextInt(alphabet.length)];
      }
      if (random.nextInt(10) == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      }
      try {
        JsonValues.arguments(method, bad);
      } catch (CallRefused e) {
        refused++;
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
    assertThat(refused).as("seed " + seed).isGreaterThan(10_000);
  }
}
