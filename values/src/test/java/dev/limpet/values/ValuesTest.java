package dev.limpet.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.values.Samples.Chain;
import dev.limpet.values.Samples.Collections;
import dev.limpet.values.Samples.Entry;
import dev.limpet.values.Samples.Everything;
import dev.limpet.values.Samples.Numbers;
import dev.limpet.values.Samples.Shape;
import dev.limpet.values.Samples.Square;
import dev.limpet.values.Samples.Suit;
import dev.limpet.values.Samples.Tree;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ValuesTest {
  record Amounts(List<Long> amounts) {}

  record Guarded(int n) {
    Guarded {
      if (n < 0) {
        throw new IllegalArgumentException("n must not be negative");
      }
    }
  }

  record Holder(Guarded guarded) {}

  private static Object copy(Object value) {
    ValueType type = ValueType.of(value.getClass());
    return Values.decode(type, Values.encode(type, value));
  }

  @Test
  void everything_comesBackEqual() {
    Everything value = Samples.everything();
    assertThat(copy(value)).isEqualTo(value);
  }

  @Test
  void arrays_comeBackEqual() {
    Samples.Arrays value =
        new Samples.Arrays(
            new byte[] {1, -2},
            new long[] {Long.MIN_VALUE, 3},
            new int[] {4, -5},
            new double[] {Double.MIN_VALUE, -0d},
            new char[] {'a', '\uFFFF'},
            new String[] {"x"},
            new Entry[][] {{Samples.ENTRY}, {}});
    assertThat(copy(value)).usingRecursiveComparison().isEqualTo(value);
  }

  @Test
  void format_ofARecord_isPinned() {
    byte[] bytes = Values.encode(ValueType.of(Entry.class), new Entry("bob", -3));
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo("010602" + "8d39bde6" + "44" + "06626f62" + "c490a7f4" + "10" + "05");
  }

  @Test
  void decodedCollections_cannotBeChanged() {
    Collections value = (Collections) copy(Samples.everything().collections());
    assertThatThrownBy(() -> value.list().add("x"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> value.list().set(0, "x"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> value.set().clear()).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> value.map().put("x", List.of()))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> value.map().entrySet().iterator().next().setValue(List.of()))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void decodedSet_keepsItsOrder() {
    assertThat(((Collections) copy(Samples.everything().collections())).set())
        .containsExactly(Suit.HEARTS, Suit.CLUBS);
  }

  @Test
  void isolate_ofDeeplyImmutable_isTheSameInstance() {
    Numbers numbers = Samples.everything().numbers();
    assertThat(ValueType.of(Numbers.class).immutable()).isTrue();
    assertThat(ValueType.of(Numbers.class).isolate(numbers)).isSameAs(numbers);
    Tree tree = new Tree("a", List.of(new Tree("b", List.of())));
    assertThat(ValueType.of(Tree.class).immutable()).isFalse();
    assertThat(ValueType.of(Tree.class).isolate(tree)).isSameAs(tree);
    Amounts streamed = new Amounts(List.of(1L, 2L).stream().toList());
    assertThat(ValueType.of(Amounts.class).isolate(streamed)).isSameAs(streamed);
    assertThat(ValueType.of(Chain.class).immutable()).isTrue();
  }

  @Test
  void isolate_ofMutableList_isACopyThatIsSharedFromThenOn() {
    List<Long> mutable = new ArrayList<>(List.of(1L));
    for (List<Long> list :
        List.of(mutable, java.util.Collections.unmodifiableList(mutable), Arrays.asList(1L))) {
      Amounts value = new Amounts(list);
      Amounts own = (Amounts) ValueType.of(Amounts.class).isolate(value);
      assertThat(own).isNotSameAs(value).isEqualTo(value);
      assertThat(ValueType.of(Amounts.class).isolate(own)).isSameAs(own);
    }
    mutable.add(2L);
    assertThat(mutable).hasSize(2);
  }

  @Test
  void isolate_ofAnUnmodifiableListOfMutables_isACopy() {
    Tree leaf = new Tree("leaf", new ArrayList<>());
    Tree root = new Tree("root", List.of(leaf));
    Tree own = (Tree) ValueType.of(Tree.class).isolate(root);
    leaf.children().add(leaf);
    assertThat(own.children().getFirst().children()).isEmpty();
  }

  @Test
  void isolate_ofASubclassOfBigDecimal_isACopy() {
    BigDecimal sly =
        new BigDecimal("1.5") {
          private static final long serialVersionUID = 1L;
        };
    assertThat(ValueType.of(BigDecimal.class).isolate(sly))
        .isEqualTo(new BigDecimal("1.5"))
        .isNotSameAs(sly);
  }

  @Test
  void isolate_ofArray_isACopy() {
    byte[] bytes = {1};
    assertThat(ValueType.of(byte[].class).isolate(bytes)).isEqualTo(bytes).isNotSameAs(bytes);
    assertThat(ValueType.of(byte[].class).hasArrays()).isTrue();
    assertThat(ValueType.of(Everything.class).hasArrays()).isFalse();
  }

  @Test
  void null_isRefusedWithItsPath_sharedOrEncoded() {
    ValueType type = ValueType.of(Tree.class);
    Tree value = new Tree("a", List.of(new Tree("b", List.of()), new Tree(null, List.of())));
    String message = ".children[1].label is null; give a value, or mark it @Nullable";
    assertThatThrownBy(() -> type.isolate(value))
        .isInstanceOf(ValueRefused.class)
        .hasMessage(message);
    assertThatThrownBy(() -> Values.encode(type, value))
        .isInstanceOf(ValueRefused.class)
        .hasMessage(message);
  }

  @Test
  void pollutedCollection_isRefusedWithItsPath() {
    @SuppressWarnings({"unchecked", "rawtypes"})
    Amounts value = new Amounts((List) List.of(1L, "two"));
    assertThatThrownBy(() -> ValueType.of(Amounts.class).isolate(value))
        .isInstanceOf(ValueRefused.class)
        .hasMessage(".amounts[1] is of java.lang.String, expected java.lang.Long");
  }

  @Test
  void depth_isBoundedTheSameSharedEncodedAndDecoded() {
    ValueType type = ValueType.of(Chain.class);
    Chain deepest = Samples.chain(Limits.DEPTH_MAX);
    assertThat(type.isolate(deepest)).isSameAs(deepest);
    assertThat(copy(deepest)).isEqualTo(deepest);
    Chain tooDeep = Samples.chain(Limits.DEPTH_MAX + 1);
    assertThatThrownBy(() -> type.isolate(tooDeep))
        .isInstanceOf(ValueRefused.class)
        .hasMessageContaining("deeper than 100");
    assertThatThrownBy(() -> copy(tooDeep))
        .isInstanceOf(ValueRefused.class)
        .hasMessageContaining("deeper than 100");
  }

  @Test
  void cycleThroughAMutableList_isRefusedAndNoStackOverflow() {
    Tree loop = new Tree("loop", new ArrayList<>());
    loop.children().add(loop);
    assertThatThrownBy(() -> ValueType.of(Tree.class).isolate(loop))
        .isInstanceOf(ValueRefused.class);
    assertThatThrownBy(() -> copy(loop)).isInstanceOf(ValueRefused.class);
  }

  @Test
  void size_isBounded() {
    assertThatThrownBy(() -> Values.encode(ValueType.of(String.class), "x".repeat(1_001), 1_000))
        .isInstanceOfSatisfying(ValueRefused.class, e -> assertThat(e.isTooLarge()).isTrue());
    assertThat(Values.encode(ValueType.of(String.class), "x".repeat(996), 1_000)).hasSize(1_000);
    assertThatThrownBy(() -> Values.encode(ValueType.of(String.class), "x".repeat(997), 1_000))
        .isInstanceOf(ValueRefused.class);
    BigInteger big = BigInteger.ONE.shiftLeft(Limits.BIG_BITS_MAX + 1);
    assertThatThrownBy(() -> ValueType.of(BigInteger.class).isolate(big))
        .isInstanceOf(ValueRefused.class);
    BigDecimal wide = new BigDecimal(BigInteger.ONE, -2_000_000_000);
    assertThatThrownBy(() -> ValueType.of(BigDecimal.class).isolate(wide))
        .isInstanceOf(ValueRefused.class);
  }

  @Test
  void everySizeOfText_comesBack() {
    ValueType type = ValueType.of(Entry.class);
    for (int length : new int[] {0, 1, 7, 8, 47, 48, 49, 1_000, 20_000, 200_000, 3_000_000}) {
      for (String unit : List.of("a", "ü", "漢")) {
        Entry entry = new Entry(unit.repeat(length), length);
        assertThat(Values.decode(type, Values.encode(type, entry)).equals(entry))
            .as(unit + length)
            .isTrue();
      }
    }
  }

  @Test
  void constructorThatRefuses_isARefusalWithItsPath() {
    ValueType type = ValueType.of(Holder.class);
    byte[] bytes = Values.encode(type, new Holder(new Guarded(1)));
    bytes[bytes.length - 1] = 1; // -1
    assertThatThrownBy(() -> Values.decode(type, bytes))
        .isInstanceOf(ValueRefused.class)
        .hasMessage(".guarded is refused by Guarded: n must not be negative");
  }

  @Test
  void unknownEnumConstantAndAlternative_areRefusedByName() {
    byte[] suit = Values.encode(ValueType.of(String.class), "SPADES");
    assertThatThrownBy(() -> Values.decode(ValueType.of(Suit.class), suit))
        .hasMessage("is \"SPADES\", expected one of CLUBS, HEARTS");
    ValueType shape = ValueType.of(Shape.class);
    byte[] square = Values.encode(shape, new Square(1));
    square[3] = 'X';
    assertThatThrownBy(() -> Values.decode(shape, square))
        .hasMessage("is of type \"Xquare\", expected one of Circle, Square, Named");
  }

  @Test
  void laterFormatVersion_isRefusedAsThat() {
    byte[] bytes = Values.encode(ValueType.of(String.class), "x");
    bytes[0] = 2;
    assertThatThrownBy(() -> Values.decode(ValueType.of(String.class), bytes))
        .hasMessage("is of format version 2, this build reads version 1; update this node");
  }

  @Test
  void otherKindOfValue_isRefused() {
    byte[] bytes = Values.encode(ValueType.of(String.class), "x");
    assertThatThrownBy(() -> Values.decode(ValueType.of(long.class), bytes))
        .hasMessage("has a value written as text, expected long");
  }

  @Test
  void duplicateInASet_isRefused() {
    record Tags(Set<String> tags) {}
    ValueType type = ValueType.of(Tags.class);
    byte[] bytes = Values.encode(type, new Tags(new java.util.LinkedHashSet<>(List.of("a", "b"))));
    bytes[bytes.length - 1] = 'a';
    assertThatThrownBy(() -> Values.decode(type, bytes))
        .hasMessageContaining(".tags[1] is an element that the set");
  }

  @Test
  void hugeClaims_areRefusedBeforeAnythingIsAllocated() {
    ValueType type = ValueType.of(Amounts.class);
    byte[] bytes = Values.encode(type, new Amounts(List.of(1L)));
    int at = bytes.length - 3; // count, kind, element
    assertThat(bytes[at]).isEqualTo((byte) 1);
    bytes[at] = 0x7F;
    assertThatThrownBy(() -> Values.decode(type, bytes))
        .hasMessageContaining("claims 127 elements");
    byte[] text = {1, 4, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1};
    assertThatThrownBy(() -> Values.decode(ValueType.of(String.class), text))
        .isInstanceOf(ValueRefused.class);
  }

  /** Every byte changed, cut or added gives a value or a refusal; never an error, however the bytes look. */
  @Test
  void damagedBytes_giveAValueOrARefusal() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ValueType type = ValueType.of(Everything.class);
    byte[] good = Values.encode(type, Samples.everything());
    int refused = 0;
    for (int round = 0; round < 40_000; round++) {
      byte[] bad = damage(good, random);
      try {
        Values.decode(type, bad);
      } catch (ValueRefused e) {
        refused++;
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
    assertThat(refused).as("seed " + seed).isBetween(20_000, 40_000);
  }

  private static byte[] damage(byte[] good, Random random) {
    byte[] bad = good.clone();
    switch (random.nextInt(4)) {
      case 0 -> bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      case 1 -> {
        for (int i = 0; i <= random.nextInt(8); i++) {
          bad[random.nextInt(bad.length)] = (byte) random.nextInt();
        }
      }
      case 2 -> bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      default -> {
        int from = random.nextInt(bad.length);
        int to = random.nextInt(bad.length);
        int length = Math.min(random.nextInt(16), bad.length - Math.max(from, to));
        System.arraycopy(good, from, bad, to, length);
      }
    }
    return bad;
  }

  @Test
  void mapOfMutableState_isCopiedOnceAndReadable() {
    record Index(Map<String, Long> byName) {}
    Map<String, Long> mutable = new HashMap<>(Map.of("a", 1L));
    ValueType type = ValueType.of(Index.class);
    Index own = (Index) type.isolate(new Index(mutable));
    mutable.put("b", 2L);
    assertThat(own.byName()).containsExactly(Map.entry("a", 1L));
    assertThat(own.byName().get("a")).isEqualTo(1L);
    assertThat(type.isolate(own)).isSameAs(own);
  }
}
