package dev.limpet.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.ProcessFailed;
import dev.limpet.Sticky;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MethodTest {
  @Sticky("book")
  interface Book {
    Samples.Entry put(String name, long cents, @Nullable List<String> tags);

    long count(Map<String, Set<Integer>> groups);

    void clear();
  }

  @Sticky("book")
  interface ChangedBook {
    Samples.Entry put(String name, int cents, @Nullable List<String> tags);
  }

  private final StickyMethod put = StickyType.of(Book.class).method("put");
  private final StickyMethod count = StickyType.of(Book.class).method("count");
  private final StickyMethod clear = StickyType.of(Book.class).method("clear");

  @Test
  void arguments_comeBackEqual() {
    Object[] arguments = {"a", 5L, List.of("x", "y")};
    assertThat(put.decodeArguments(put.encodeArguments(arguments))).containsExactly(arguments);
    Object[] absent = {"a", 5L, null};
    assertThat(put.decodeArguments(put.encodeArguments(absent))).containsExactly(absent);
    assertThat(clear.decodeArguments(clear.encodeArguments(new Object[0]))).isEmpty();
  }

  @Test
  void immutableArguments_areTheSameArray_othersAreCopied() {
    Object[] immutable = {"a", 5L, List.of("x")};
    assertThat(put.isolateArguments(immutable)).isSameAs(immutable);
    List<String> list = new ArrayList<>(List.of("x"));
    Object[] mutable = {"a", 5L, list};
    Object[] own = put.isolateArguments(mutable);
    list.add("y");
    assertThat(own).containsExactly("a", 5L, List.of("x"));
    assertThat(mutable[2]).isSameAs(list);
  }

  @Test
  void badArguments_areRefusedByName_localOrRemote() {
    Object[] arguments = {null, 5L, null};
    String message = "book.put: arguments.name is null; give a value, or mark it @Nullable";
    for (var call :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> put.isolateArguments(arguments),
            () -> put.encodeArguments(arguments),
            () -> put.digest(arguments))) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessage(message);
    }
    assertThatThrownBy(() -> put.isolateArguments(new Object[2]))
        .hasMessage("book.put takes 3 arguments, got 2");
  }

  @Test
  void largeArguments_areRefusedAsTooLarge() {
    Object[] arguments = {"x".repeat(1_000), 5L, null};
    assertThatThrownBy(() -> put.encodeArguments(arguments, 500))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
  }

  @Test
  void argumentsOfAnotherSignature_areAnUnknownMethod() {
    byte[] bytes =
        StickyType.of(ChangedBook.class).method("put").encodeArguments(new Object[] {"a", 5, null});
    assertThatThrownBy(() -> put.decodeArguments(bytes))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_METHOD))
        .hasMessageContaining("another signature at the caller");
  }

  @Test
  void damagedArguments_areArgumentsOrCallRefused() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] good = count.encodeArguments(new Object[] {Map.of("a", Set.of(1, 2), "b", Set.of(3))});
    for (int round = 0; round < 20_000; round++) {
      byte[] bad = Arrays.copyOf(good, good.length - random.nextInt(3));
      bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      try {
        count.decodeArguments(bad);
      } catch (CallRefused e) {
        assertThat(e.getMessage()).startsWith("book.count");
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  @Test
  void result_thatIsNone_failsTheTurn() {
    assertThatThrownBy(() -> put.encodeResult(null))
        .isInstanceOfSatisfying(
            ProcessFailed.class, e -> assertThat(e.executed()).isEqualTo(Executed.NO))
        .hasMessage("book.put: result is null; give a value, or mark it @Nullable");
    assertThatThrownBy(() -> put.isolateResult(new Samples.Entry(null, 1)))
        .isInstanceOf(ProcessFailed.class)
        .hasMessageContaining("result.name is null");
  }

  @Test
  void result_comesBack_andBadBytesAreUnknown() {
    byte[] bytes = put.encodeResult(Samples.ENTRY);
    assertThat(put.decodeResult(bytes)).isEqualTo(Samples.ENTRY);
    assertThat(clear.decodeResult(clear.encodeResult(null))).isNull();
    assertThatThrownBy(() -> put.decodeResult(Arrays.copyOf(bytes, bytes.length - 1)))
        .isInstanceOfSatisfying(
            ProcessFailed.class, e -> assertThat(e.executed()).isEqualTo(Executed.UNKNOWN));
  }

  @Test
  void digest_isTheSameForEqualArgumentsInAnyOrder() {
    Map<String, Set<Integer>> forward = new LinkedHashMap<>();
    Map<String, Set<Integer>> backward = new LinkedHashMap<>();
    for (int i = 0; i < 50; i++) {
      forward.put("k" + i, Set.of(i, i + 1, i + 2));
      backward.put("k" + (49 - i), Set.of(51 - i, 50 - i, 49 - i));
    }
    byte[] digest = count.digest(new Object[] {forward});
    assertThat(digest).hasSize(32);
    assertThat(count.digest(new Object[] {backward})).isEqualTo(digest);
    assertThat(count.digest(new Object[] {new HashMap<>(forward)})).isEqualTo(digest);
    assertThat(count.digest(new Object[] {new TreeMap<>(forward)})).isEqualTo(digest);
    assertThat(count.digest(count.decodeArguments(count.encodeArguments(new Object[] {forward}))))
        .isEqualTo(digest);
    forward.put("k0", Set.of(7));
    assertThat(count.digest(new Object[] {forward})).isNotEqualTo(digest);
  }
}
