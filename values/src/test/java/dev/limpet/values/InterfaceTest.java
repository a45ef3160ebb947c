package dev.limpet.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ErrorCode;
import dev.limpet.Idempotent;
import dev.limpet.Reads;
import dev.limpet.StartFailed;
import dev.limpet.Sticky;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class InterfaceTest {
  @Sticky("wallet")
  interface Wallet {
    int LIMIT = 5;

    long withdraw(long cents, @Nullable String note) throws IOException;

    @Idempotent
    void close();

    @Reads
    long balance();

    @Reads
    Optional<Samples.Entry> last();

    @Override
    String toString();
  }

  @Test
  void wallet_isReadInOrderOfNames() {
    StickyType<Wallet> type = StickyType.of(Wallet.class);
    assertThat(type.signature())
        .isEqualTo(
            """
            wallet
              @Reads long balance()
              @Idempotent void close()
              @Reads java.util.Optional<dev.limpet.values.Samples$Entry> last()
              long withdraw(long, @Nullable java.lang.String) throws java.io.IOException\
            """);
    StickyMethod withdraw = type.methods().get(3);
    assertThat(type.method("withdraw")).isSameAs(withdraw);
    assertThat(type.method("nothing")).isNull();
    assertThat(withdraw.index()).isEqualTo(3);
    assertThat(withdraw.isNamed()).isTrue();
    assertThat(withdraw.parameters())
        .extracting(StickyParameter::name)
        .containsExactly("cents", "note");
    assertThat(withdraw.parameters().get(0).type().isNullable()).isFalse();
    assertThat(withdraw.parameters().get(1).type().isNullable()).isTrue();
    assertThat(type.method("close").isVoid()).isTrue();
    assertThat(type.method("close").idempotent()).isTrue();
    assertThat(type.method("balance").reads()).isTrue();
    assertThat(type.advice()).isEmpty();
    assertThat(StickyType.of(Wallet.class)).isSameAs(type);
  }

  @Test
  void interfaceWithoutParameterNames_isPositionalAndSaysHowToChangeThat(@TempDir Path directory)
      throws Exception {
    String source = "@dev.limpet.Sticky(\"bare\") public interface Bare { long add(long n); }";
    try (var loader = Compiled.of(directory, Map.of("Bare.java", source)).loader()) {
      StickyType<?> type = StickyType.of(loader.loadClass("Bare"));
      assertThat(type.method("add").isNamed()).isFalse();
      assertThat(type.method("add").parameters().getFirst().name()).isEqualTo("arg0");
      assertThat(type.advice())
          .singleElement()
          .asString()
          .contains("Bare was compiled without", "<parameters>true");
    }
  }

  interface Plain {
    void run();
  }

  @Sticky("Bad Name")
  interface BadName {}

  @Sticky("klass")
  static class Klass {}

  @Sticky("generic")
  interface Generic<T> {
    T get();
  }

  @Sticky("overload")
  interface Overloaded {
    void add(int n);

    void add(long n);
  }

  interface AddsInt {
    void add(int n);
  }

  @Sticky("overload")
  interface InheritsOverload extends AddsInt {
    void add(String n);
  }

  @Sticky("m")
  interface MethodVariable {
    <T> T get();
  }

  @Sticky("m")
  interface Futures {
    CompletableFuture<String> get();
  }

  @Sticky("m")
  interface Publishers {
    Flow.Publisher<String> get();
  }

  @Sticky("m")
  interface Streams {
    Stream<String> get();
  }

  @Sticky("m")
  interface Iterators {
    void put(Iterator<String> all);
  }

  @Sticky("m")
  interface Objects {
    void put(Object any);
  }

  @Sticky("m")
  interface Raw {
    @SuppressWarnings("rawtypes")
    void put(List all);
  }

  @Sticky("m")
  interface Wild {
    void put(List<? extends String> all);
  }

  @Sticky("m")
  interface OptionalParameter {
    void put(Optional<String> maybe);
  }

  @Sticky("m")
  interface OptionalElement {
    List<Optional<String>> get();
  }

  @Sticky("m")
  interface Dates {
    Date get();
  }

  @Sticky("m")
  interface ConcreteList {
    @SuppressWarnings("NonApiType") // what is refused
    void put(ArrayList<String> all);
  }

  @Sticky("m")
  interface OpenInterface {
    void put(CharSequence any);
  }

  record Broken(String fine, List<Thread> threads) {}

  @Sticky("m")
  interface Deep {
    void put(Map<String, Broken> all);
  }

  record Endless<T>(@Nullable Endless<List<T>> next) {}

  @Sticky("m")
  interface EndlessType {
    void put(Endless<String> endless);
  }

  @Sticky("m")
  interface Shared {
    List<String> CACHE = new ArrayList<>();

    void put(String s);
  }

  @Sticky("m")
  interface Broad {
    void put(String s) throws Exception;
  }

  @Sticky("m")
  interface ObjectName {
    int hashCode(int seed);
  }

  @Sticky("m")
  interface ArrayKey {
    Map<byte[], String> get();
  }

  @Sticky("m")
  interface NullablePrimitive {
    @SuppressWarnings("NullablePrimitive") // what is refused
    void put(@Nullable long n);
  }

  sealed interface Open permits OpenOne {}

  static final class OpenOne implements Open {}

  @Sticky("m")
  interface SealedOverClass {
    Open get();
  }

  record Costarring(int n) {}

  record Collision(int costarring, int liquid) {}

  @Sticky("m")
  interface Collisions {
    Collision get();
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(Plain.class, "add @Sticky"),
        Arguments.of(BadName.class, "a type is 1 to 64 of a-z"),
        Arguments.of(Klass.class, "called through an interface, this is none"),
        Arguments.of(Generic.class, "the type variable T stands for no type"),
        Arguments.of(Overloaded.class, "method add: it is overloaded, with parameters"),
        Arguments.of(InheritsOverload.class, "(java.lang.String) and (int)"),
        Arguments.of(MethodVariable.class, "method get: the type variable T stands for no type"),
        Arguments.of(
            Futures.class,
            "method get: result: java.util.concurrent.CompletableFuture cannot travel"),
        Arguments.of(Publishers.class, "publishers are refused"),
        Arguments.of(Streams.class, "streams are refused"),
        Arguments.of(
            Iterators.class, "method put: parameter all: java.util.Iterator cannot travel"),
        Arguments.of(Objects.class, "Object says nothing"),
        Arguments.of(Raw.class, "java.util.List is used raw"),
        Arguments.of(Wild.class, "the wildcard ? extends java.lang.String leaves open"),
        Arguments.of(OptionalParameter.class, "parameter maybe: Optional is only for results"),
        Arguments.of(OptionalElement.class, "result: Optional is only for results"),
        Arguments.of(Dates.class, "java.util.Date is no value"),
        Arguments.of(ConcreteList.class, "java.util.ArrayList is no value: name List"),
        Arguments.of(OpenInterface.class, "java.lang.CharSequence leaves open"),
        Arguments.of(
            Deep.class, "method put: parameter all: Broken.threads: java.lang.Thread is no value"),
        Arguments.of(EndlessType.class, "grows without end"),
        Arguments.of(Shared.class, "the field Shared.CACHE is state"),
        Arguments.of(Broad.class, "method put: it throws java.lang.Exception"),
        Arguments.of(ObjectName.class, "method hashCode: it has the name of a method of Object"),
        Arguments.of(ArrayKey.class, "a map's key cannot be an array"),
        Arguments.of(
            SealedOverClass.class, "OpenOne, which is no record, enum or sealed interface"),
        Arguments.of(NullablePrimitive.class, "parameter n: long is never null"),
        Arguments.of(Collisions.class, "costarring and liquid, whose names have the same hash"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void interface_thatCannotBeHosted_isRefusedWithTheReason(Class<?> type, String reason) {
    assertThatThrownBy(() -> StickyType.of(type))
        .isInstanceOfSatisfying(
            StartFailed.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INTERFACE))
        .hasMessageStartingWith(type.getName() + ": ")
        .hasMessageContaining(reason);
  }

  interface Source<T> {
    T first();
  }

  interface Named<T> extends Source<List<T>> {
    void put(T value, Map<String, T> more);
  }

  interface Self<S extends Self<S>> {
    int size();
  }

  @Sticky("resolved")
  interface Resolved extends Named<@Nullable String>, Self<Resolved> {}

  @Test
  void resolvedGenericsOfSuperInterfaces_areFine() {
    assertThat(StickyType.of(Resolved.class).signature())
        .isEqualTo(
            """
            resolved
              java.util.List<@Nullable java.lang.String> first()
              void put(@Nullable java.lang.String, java.util.Map<java.lang.String, @Nullable java.lang.String>)
              int size()\
            """);
  }
}
