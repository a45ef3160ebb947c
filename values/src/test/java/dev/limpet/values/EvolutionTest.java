package dev.limpet.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a value that was saved by one form of a record and is read by another. */
@Timeout(30)
class EvolutionTest {
  record Old(String name, long cents) {}

  record Wider(
      int version,
      long cents,
      boolean frozen,
      String name,
      Optional<String> note,
      List<String> tags,
      Map<String, Long> limits,
      @Nullable String owner,
      byte[] seal) {}

  record Narrower(long cents) {}

  record Needy(String name, long cents, String currency) {}

  record Defaulted(String name, long cents, String currency, @Nullable String owner) {
    static Defaulted defaults() {
      return new Defaulted("?", 0, "EUR", "bank");
    }
  }

  record Retyped(String name, String cents) {}

  record Narrowed(String name, byte cents) {}

  record MaybeNamed(@Nullable String name, long cents) {}

  record OptionallyNamed(Optional<String> name, long cents) {}

  private static Object read(Class<?> as, Object value) {
    return Values.decode(ValueType.of(as), Values.encode(ValueType.of(value.getClass()), value));
  }

  private static final Old OLD = new Old("alice", 5);

  @Test
  void missingComponents_takeDefaults_inAnyOrder() {
    assertThat(read(Wider.class, OLD))
        .usingRecursiveComparison()
        .isEqualTo(
            new Wider(
                0, 5, false, "alice", Optional.empty(), List.of(), Map.of(), null, new byte[0]));
  }

  @Test
  void unknownStoredComponents_areSkipped() {
    assertThat(read(Narrower.class, OLD)).isEqualTo(new Narrower(5));
    Wider wider =
        new Wider(
            1, 5, true, "alice", Optional.of("n"), List.of("t"), Map.of("l", 1L), "o", new byte[9]);
    assertThat(read(Old.class, wider)).isEqualTo(OLD);
  }

  @Test
  void missingComponentWithoutDefault_isRefusedByName() {
    assertThatThrownBy(() -> read(Needy.class, OLD))
        .isInstanceOf(ValueRefused.class)
        .hasMessage(
            ".currency is missing; Needy was written without it: make it @Nullable or Optional, or"
                + " give the record a static method defaults()");
  }

  @Test
  void missingComponents_takeTheRecordsOwnDefaults() {
    assertThat(read(Defaulted.class, OLD)).isEqualTo(new Defaulted("alice", 5, "EUR", "bank"));
  }

  @Test
  void storedNull_isNotTakenForMissing() {
    Defaulted ownerless = new Defaulted("alice", 5, "USD", null);
    assertThat(read(Defaulted.class, ownerless)).isEqualTo(ownerless);
  }

  @Test
  void componentOfAnotherKind_isRefusedAndNeverMisread() {
    assertThatThrownBy(() -> read(Retyped.class, OLD))
        .hasMessage(".cents was written as a whole number, expected java.lang.String");
  }

  @Test
  void narrowerNumber_isReadIfItFits() {
    assertThat(read(Narrowed.class, OLD)).isEqualTo(new Narrowed("alice", (byte) 5));
    assertThatThrownBy(() -> read(Narrowed.class, new Old("alice", 500)))
        .hasMessage(".cents is 500, expected -128 to 127");
  }

  @Test
  void nullableAndOptional_mayComeAndGo() {
    assertThat(read(MaybeNamed.class, OLD)).isEqualTo(new MaybeNamed("alice", 5));
    assertThat(read(OptionallyNamed.class, OLD))
        .isEqualTo(new OptionallyNamed(Optional.of("alice"), 5));
    assertThat(read(Old.class, new OptionallyNamed(Optional.of("alice"), 5))).isEqualTo(OLD);
    assertThat(read(OptionallyNamed.class, new MaybeNamed(null, 5)))
        .isEqualTo(new OptionallyNamed(Optional.empty(), 5));
    assertThatThrownBy(() -> read(Old.class, new MaybeNamed(null, 5)))
        .hasMessageContaining(".name is null");
  }

  record Holder(List<Old> all) {}

  record WiderHolder(List<Needy> all) {}

  @Test
  void error_namesTheElement() {
    assertThatThrownBy(() -> read(WiderHolder.class, new Holder(List.of(OLD))))
        .hasMessageStartingWith(".all[0].currency is missing");
  }
}
