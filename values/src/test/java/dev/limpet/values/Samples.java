package dev.limpet.values;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Types with something of everything, and values of them. */
final class Samples {
  private Samples() {}

  enum Suit {
    CLUBS,
    HEARTS {
      @Override
      boolean isRed() {
        return true;
      }
    };

    boolean isRed() {
      return false;
    }
  }

  record Entry(String name, long cents) {}

  sealed interface Shape permits Circle, Square, Named {}

  record Circle(double radius) implements Shape {}

  record Square(int side) implements Shape {}

  enum Named implements Shape {
    POINT,
    PLANE
  }

  record Tree(String label, List<Tree> children) {}

  record Chain(int depth, @Nullable Chain next) {}

  record Pair<A, B>(A first, B second) {}

  sealed interface Outcome<T> permits Fine, Wrong {}

  record Fine<T>(T value) implements Outcome<T> {}

  record Wrong<T>(String reason) implements Outcome<T> {}

  record Numbers(
      boolean a,
      byte b,
      short c,
      char d,
      int e,
      long f,
      float g,
      double h,
      Long boxed,
      BigInteger big,
      BigDecimal exact) {}

  record Times(
      Instant instant,
      Duration duration,
      LocalDate date,
      LocalTime time,
      LocalDateTime dateTime,
      OffsetTime offsetTime,
      OffsetDateTime offsetDateTime,
      ZonedDateTime zoned,
      ZoneId zone,
      ZoneOffset offset,
      Period period,
      Year year,
      YearMonth yearMonth,
      MonthDay monthDay,
      DayOfWeek day) {}

  record Collections(
      List<String> list,
      Set<Suit> set,
      Collection<Integer> collection,
      Map<String, List<Entry>> map,
      List<@Nullable String> gaps,
      Map<UUID, @Nullable Entry> byId) {}

  record Everything(
      Numbers numbers,
      Times times,
      Collections collections,
      Shape shape,
      List<Shape> shapes,
      Tree tree,
      Pair<String, Pair<Integer, List<Long>>> pair,
      Outcome<Suit> outcome,
      Optional<String> some,
      Optional<Entry> none,
      @Nullable String nothing,
      @Nullable Suit suit,
      URI uri,
      Currency currency,
      UUID id,
      String text) {}

  record Arrays(
      byte[] bytes,
      long[] longs,
      int[] ints,
      double[] doubles,
      char[] chars,
      String[] texts,
      Entry[][] entries) {}

  static final Entry ENTRY = new Entry("alice", 1_234_567L);

  static Everything everything() {
    return new Everything(
        new Numbers(
            true,
            Byte.MIN_VALUE,
            Short.MAX_VALUE,
            '\uFFFF',
            Integer.MIN_VALUE,
            Long.MIN_VALUE,
            -0f,
            Double.MIN_VALUE,
            Long.MAX_VALUE,
            BigInteger.ONE.shiftLeft(2_000).negate(),
            new BigDecimal("-123456789012345678901234567890.120")),
        new Times(
            Instant.parse("2026-01-31T12:00:00.000000001Z"),
            Duration.ofSeconds(-1, 5),
            LocalDate.of(-44, 3, 15),
            LocalTime.of(23, 59, 59, 999_999_999),
            LocalDateTime.of(2026, 1, 1, 0, 0),
            OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofHours(-3)),
            OffsetDateTime.parse("2026-01-31T12:00:00+05:30"),
            ZonedDateTime.ofStrict(
                LocalDateTime.of(2025, 10, 26, 2, 30),
                ZoneOffset.ofHours(1),
                ZoneId.of("Europe/Berlin")),
            ZoneId.of("Europe/Berlin"),
            ZoneOffset.ofHoursMinutes(-3, -30),
            Period.of(1, -2, 3),
            Year.of(5),
            YearMonth.of(2026, 2),
            MonthDay.of(2, 29),
            DayOfWeek.FRIDAY),
        new Collections(
            List.of("b", "a"),
            new LinkedHashSet<>(List.of(Suit.HEARTS, Suit.CLUBS)),
            List.of(3, 1),
            new LinkedHashMap<>(Map.of("k", List.of(ENTRY))),
            java.util.Arrays.asList("x", null, "z"),
            new LinkedHashMap<>(java.util.Collections.singletonMap(new UUID(1, 2), null))),
        new Circle(1.5),
        List.of(new Square(2), Named.PLANE),
        new Tree("root", List.of(new Tree("leaf", List.of()))),
        new Pair<>("p", new Pair<>(1, List.of(2L, 3L))),
        new Fine<>(Suit.HEARTS),
        Optional.of("some"),
        Optional.empty(),
        null,
        Suit.HEARTS,
        URI.create("https://example.org/a?b=c"),
        Currency.getInstance("EUR"),
        new UUID(-1, 5),
        "grüße \uD83D\uDC1A \uD800 \u0000 and a text that is longer than fifty characters, all"
            + " told");
  }

  static Chain chain(int length) {
    Chain chain = new Chain(0, null);
    for (int i = 1; i < length; i++) {
      chain = new Chain(i, chain);
    }
    return chain;
  }
}
