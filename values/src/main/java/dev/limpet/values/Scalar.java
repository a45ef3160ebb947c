package dev.limpet.values;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
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
import java.util.Currency;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The types without parts that can travel, and their form in bytes. */
public enum Scalar {
  BOOLEAN(Boolean.class, boolean.class, Kind.BOOLEAN),
  BYTE(Byte.class, byte.class, Kind.INTEGER),
  SHORT(Short.class, short.class, Kind.INTEGER),
  INT(Integer.class, int.class, Kind.INTEGER),
  LONG(Long.class, long.class, Kind.INTEGER),
  CHAR(Character.class, char.class, Kind.INTEGER),
  FLOAT(Float.class, float.class, Kind.FLOAT),
  DOUBLE(Double.class, double.class, Kind.DOUBLE),
  STRING(String.class, text -> text),
  BIG_INTEGER(BigInteger.class, null, Kind.BIG_INTEGER),
  BIG_DECIMAL(BigDecimal.class, null, Kind.BIG_DECIMAL),
  UUID(UUID.class, null, Kind.UUID),
  INSTANT(Instant.class, null, Kind.INSTANT),
  DURATION(Duration.class, null, Kind.DURATION),
  YEAR(Year.class, null, Kind.INTEGER),
  LOCAL_DATE(LocalDate.class, LocalDate::parse),
  LOCAL_TIME(LocalTime.class, LocalTime::parse),
  LOCAL_DATE_TIME(LocalDateTime.class, LocalDateTime::parse),
  OFFSET_TIME(OffsetTime.class, OffsetTime::parse),
  OFFSET_DATE_TIME(OffsetDateTime.class, OffsetDateTime::parse),
  ZONED_DATE_TIME(ZonedDateTime.class, ZonedDateTime::parse),
  ZONE_OFFSET(ZoneOffset.class, ZoneOffset::of),
  ZONE_ID(ZoneId.class, ZoneId::of),
  YEAR_MONTH(YearMonth.class, YearMonth::parse),
  MONTH_DAY(MonthDay.class, MonthDay::parse),
  PERIOD(Period.class, Period::parse),
  URI(URI.class, java.net.URI::create),
  CURRENCY(Currency.class, Currency::getInstance);

  private static final int TEXT_SHORT_MAX = 4_096;
  private static final Map<Class<?>, Scalar> BY_CLASS = new HashMap<>();

  static {
    for (Scalar each : values()) {
      BY_CLASS.put(each.box, each);
      if (each.primitive != null) {
        BY_CLASS.put(each.primitive, each);
      }
    }
  }

  final Class<?> box;
  final @Nullable Class<?> primitive;
  final Kind kind;

  @SuppressWarnings("ImmutableEnumChecker") // a method reference, without state
  private final @Nullable Function<String, Object> parser;

  Scalar(Class<?> box, @Nullable Class<?> primitive, Kind kind) {
    this.box = box;
    this.primitive = primitive;
    this.kind = kind;
    this.parser = null;
  }

  Scalar(Class<?> box, Function<String, Object> parser) {
    this.box = box;
    this.primitive = null;
    this.kind = Kind.TEXT;
    this.parser = parser;
  }

  static @Nullable Scalar of(Class<?> type) {
    return BY_CLASS.get(type);
  }

  /**
   * The value of its text, as {@code toString} gives it: ISO-8601 for times, decimal digits for numbers.
   *
   * @throws ValueRefused if the text says none
   */
  public Object parse(String text) {
    if (this != STRING && text.length() > TEXT_SHORT_MAX) {
      throw ValueRefused.tooLarge(
          "is a text of " + text.length() + " characters, expected " + expected());
    }
    try {
      Object value =
          switch (this) {
            case BOOLEAN ->
                text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
            case BYTE -> Byte.valueOf(text);
            case SHORT -> Short.valueOf(text);
            case INT -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case CHAR -> text.length() == 1 ? (Object) text.charAt(0) : null;
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case BIG_INTEGER -> checked(new BigInteger(text));
            case BIG_DECIMAL -> checked(new BigDecimal(text));
            case UUID -> uuid(text);
            case INSTANT -> Instant.parse(text);
            case DURATION -> Duration.parse(text);
            case YEAR -> Year.of(Integer.parseInt(text));
            default -> parser == null ? null : parser.apply(text);
          };
      if (value != null) {
        return value;
      }
    } catch (ValueRefused e) {
      throw e;
    } catch (RuntimeException e) {
      // one of many exceptions for the same thing, said below
    }
    throw new ValueRefused("is " + Quote.of(text) + ", expected " + expected());
  }

  /** What to give, for error messages. */
  public String expected() {
    return switch (this) {
      case BYTE -> "a whole number from -128 to 127";
      case SHORT -> "a whole number from -32768 to 32767";
      case INT -> "a whole number from -2147483648 to 2147483647";
      case LONG -> "a whole number from -9223372036854775808 to 9223372036854775807";
      case BIG_INTEGER -> "a whole number";
      case FLOAT, DOUBLE, BIG_DECIMAL -> "a number";
      case BOOLEAN -> "true or false";
      case CHAR -> "a string of one character";
      case STRING -> "a string";
      case UUID -> "a UUID such as \"123e4567-e89b-12d3-a456-426614174000\"";
      case INSTANT -> "a time such as \"2026-01-31T12:00:00Z\"";
      case DURATION -> "a duration such as \"PT1.5S\"";
      case LOCAL_DATE -> "a date such as \"2026-01-31\"";
      case YEAR -> "a year such as 2026";
      case URI -> "a URI";
      case CURRENCY -> "a currency such as \"EUR\"";
      default -> "the ISO-8601 text of a java.time." + box.getSimpleName();
    };
  }

  void write(Object value, Encoder out) {
    switch (this) {
      case BOOLEAN -> out.u1((Boolean) value ? 1 : 0);
      case BYTE -> out.signed((Byte) value);
      case SHORT -> out.signed((Short) value);
      case INT -> out.signed((Integer) value);
      case LONG -> out.signed((Long) value);
      case CHAR -> out.signed((Character) value);
      case FLOAT -> out.fixed4(Float.floatToRawIntBits((Float) value));
      case DOUBLE -> out.fixed8(Double.doubleToRawLongBits((Double) value));
      case STRING -> out.text((String) value);
      case BIG_INTEGER -> out.bytes(checked((BigInteger) value).toByteArray());
      case BIG_DECIMAL -> {
        BigDecimal decimal = checked((BigDecimal) value);
        out.signed(decimal.scale());
        out.bytes(decimal.unscaledValue().toByteArray());
      }
      case UUID -> {
        UUID uuid = (UUID) value;
        out.fixed8(uuid.getMostSignificantBits());
        out.fixed8(uuid.getLeastSignificantBits());
      }
      case INSTANT -> {
        Instant instant = (Instant) value;
        out.signed(instant.getEpochSecond());
        out.unsigned(instant.getNano());
      }
      case DURATION -> {
        Duration duration = (Duration) value;
        out.signed(duration.getSeconds());
        out.unsigned(duration.getNano());
      }
      case YEAR -> out.signed(((Year) value).getValue());
      default -> out.text(checkedText(value));
    }
  }

  Object read(Decoder in) {
    return switch (this) {
      case BOOLEAN -> Flag.read(in);
      case BYTE -> (byte) integer(in, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case SHORT -> (short) integer(in, Short.MIN_VALUE, Short.MAX_VALUE);
      case INT -> (int) integer(in, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case LONG -> in.signed();
      case CHAR -> (char) integer(in, Character.MIN_VALUE, Character.MAX_VALUE);
      case FLOAT -> Float.intBitsToFloat(in.fixed4());
      case DOUBLE -> Double.longBitsToDouble(in.fixed8());
      case STRING -> in.text();
      case BIG_INTEGER -> checked(bigInteger(in));
      case BIG_DECIMAL -> {
        int scale = (int) integer(in, -Limits.SCALE_MAX, Limits.SCALE_MAX);
        yield checked(new BigDecimal(bigInteger(in), scale));
      }
      case UUID -> new UUID(in.fixed8(), in.fixed8());
      case INSTANT -> {
        long second = integer(in, Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond());
        yield Instant.ofEpochSecond(second, nano(in));
      }
      case DURATION -> {
        long second = in.signed();
        yield Duration.ofSeconds(second, nano(in));
      }
      case YEAR -> Year.of((int) integer(in, Year.MIN_VALUE, Year.MAX_VALUE));
      default -> parse(in.text());
    };
  }

  /** Checks the bounds; false for a subclass, which may be mutable. */
  boolean share(Object value) {
    return switch (this) {
      case BIG_INTEGER -> checked((BigInteger) value).getClass() == BigInteger.class;
      case BIG_DECIMAL ->
          checked((BigDecimal) value).getClass() == BigDecimal.class
              && ((BigDecimal) value).unscaledValue().getClass() == BigInteger.class;
      case URI -> checkedText(value).length() <= TEXT_SHORT_MAX;
      default -> true;
    };
  }

  private static @Nullable UUID uuid(String text) {
    UUID uuid = java.util.UUID.fromString(text);
    return uuid.toString().equalsIgnoreCase(text)
        ? uuid
        : null; // fromString takes missing digits for zeros
  }

  private static long integer(Decoder in, long min, long max) {
    long value = in.signed();
    if (value < min || value > max) {
      throw new ValueRefused("is " + value + ", expected " + min + " to " + max);
    }
    return value;
  }

  private static int nano(Decoder in) {
    long nano = in.unsigned();
    if (nano < 0 || nano > 999_999_999) {
      throw new ValueRefused("has " + Long.toUnsignedString(nano) + " nanoseconds in a second");
    }
    return (int) nano;
  }

  private static BigInteger bigInteger(Decoder in) {
    int length = in.length(in.unsigned());
    if (length == 0) {
      throw new ValueRefused("is a number without digits");
    }
    if (length > Limits.BIG_BITS_MAX / 8 + 1) {
      throw bigNumber();
    }
    return new BigInteger(in.bytes(length));
  }

  private static BigInteger checked(BigInteger value) {
    if (value.bitLength() > Limits.BIG_BITS_MAX) {
      throw bigNumber();
    }
    return value;
  }

  private static BigDecimal checked(BigDecimal value) {
    var unused = checked(value.unscaledValue());
    if (Math.abs((long) value.scale()) > Limits.SCALE_MAX) {
      throw ValueRefused.tooLarge(
          "has more than " + Limits.SCALE_MAX + " decimal places, or zeros at its end");
    }
    return value;
  }

  private static ValueRefused bigNumber() {
    return ValueRefused.tooLarge("is a number of more than " + Limits.BIG_BITS_MAX + " bits");
  }

  private static String checkedText(Object value) {
    String text = value.toString();
    if (text.length() > TEXT_SHORT_MAX) {
      throw ValueRefused.tooLarge("is a text of more than " + TEXT_SHORT_MAX + " characters");
    }
    return text;
  }
}
