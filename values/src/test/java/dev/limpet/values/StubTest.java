package dev.limpet.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.StartFailed;
import dev.limpet.Sticky;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.UndeclaredThrowableException;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StubTest {
  @TempDir Path directory;

  @Sticky("mixed")
  interface Mixed {
    long all(
        boolean a, byte b, short c, char d, int e, long f, float g, double h, String i, long[] j);

    void nothing();

    int number();

    String text() throws IOException;

    default String greeting(String name) {
      return "default " + name;
    }

    static int ignored() {
      return 1;
    }
  }

  interface Base<T, E> {
    T echo(T value);

    E other(List<E> value);
  }

  @Sticky("derived")
  interface Derived extends Base<String, Integer> {
    @Override
    String echo(String value);
  }

  private static final class Recording implements CallTarget {
    final List<String> calls = new ArrayList<>();
    @Nullable Object answer;

    @Override
    public @Nullable Object call(int methodIndex, @Nullable Object[] arguments) throws Throwable {
      calls.add(methodIndex + Arrays.deepToString(arguments));
      if (answer instanceof Throwable thrown) {
        throw thrown;
      }
      return answer;
    }

    @Override
    public String toString() {
      return "mixed/alice";
    }
  }

  private final StickyType<Mixed> mixed = StickyType.of(Mixed.class);
  private final Recording target = new Recording();
  private final Mixed stub = mixed.stub(target);

  private int index(String method) {
    return mixed.method(method).index();
  }

  @Test
  void call_ofEveryPrimitive_isBoxedInOrder() {
    target.answer = 42L;
    assertThat(stub.all(true, (byte) 1, (short) 2, 'x', 3, 4L, 5f, 6d, "s", new long[] {7}))
        .isEqualTo(42);
    assertThat(target.calls)
        .containsExactly(index("all") + "[true, 1, 2, x, 3, 4, 5.0, 6.0, s, [7]]");
  }

  @Test
  void call_withoutArgumentsAndResult_goesThrough() {
    stub.nothing();
    assertThat(target.calls).containsExactly(index("nothing") + "[]");
  }

  @Test
  void defaultMethod_isACallLikeOthers() {
    target.answer = "remote";
    assertThat(stub.greeting("bob")).isEqualTo("remote");
  }

  @Test
  void declaredAndUncheckedExceptions_arriveAsTheyAre() {
    target.answer = new IOException("disk");
    assertThatThrownBy(stub::text).isSameAs(target.answer);
    target.answer = new IllegalStateException("bug");
    assertThatThrownBy(stub::text).isSameAs(target.answer);
    target.answer = new AssertionError("error");
    assertThatThrownBy(stub::nothing).isSameAs(target.answer);
  }

  @Test
  void undeclaredCheckedException_isWrapped() {
    target.answer = new IOException("disk");
    assertThatThrownBy(stub::nothing)
        .isInstanceOf(UndeclaredThrowableException.class)
        .hasCause((Throwable) target.answer);
  }

  @Test
  void objectMethods_areThoseOfTheTarget() {
    assertThat(stub).hasToString("mixed/alice");
    assertThat(stub).isEqualTo(mixed.stub(target)).hasSameHashCodeAs(mixed.stub(target));
    assertThat(stub).isNotEqualTo(mixed.stub(new Recording())).isNotEqualTo("mixed/alice");
    assertThat(target.calls).isEmpty();
  }

  @Test
  void genericMethod_isImplementedInEveryErasedForm() {
    StickyType<Derived> type = StickyType.of(Derived.class);
    assertThat(type.signature())
        .isEqualTo(
            """
            derived
              java.lang.String echo(java.lang.String)
              java.lang.Integer other(java.util.List<java.lang.Integer>)\
            """);
    Derived derived =
        type.stub((index, arguments) -> type.methods().get(index).name() + arguments[0]);
    Base<String, Integer> base = derived;
    assertThat(derived.echo("a")).isEqualTo("echoa");
    assertThat(base.echo("b")).isEqualTo("echob");
  }

  @Test
  void dispatch_callsEveryMethod() throws Throwable {
    Mixed process =
        new Mixed() {
          @Override
          public long all(
              boolean a,
              byte b,
              short c,
              char d,
              int e,
              long f,
              float g,
              double h,
              String i,
              long[] j) {
            return (a ? 1 : 0) + b + c + d + e + f + (long) g + (long) h + i.length() + j[0];
          }

          @Override
          public void nothing() {}

          @Override
          public int number() {
            return 9;
          }

          @Override
          public String text() throws IOException {
            throw new IOException("disk");
          }
        };
    Dispatcher dispatcher = mixed.dispatcher();
    Object[] all = {true, (byte) 1, (short) 2, (char) 3, 4, 5L, 6f, 7d, "s", new long[] {8}};
    assertThat(dispatcher.invoke(process, index("all"), all)).isEqualTo(38L);
    assertThat(dispatcher.invoke(process, index("nothing"), new Object[0])).isNull();
    assertThat(dispatcher.invoke(process, index("number"), new Object[0])).isEqualTo(9);
    assertThat(dispatcher.invoke(process, index("greeting"), new Object[] {"eve"}))
        .isEqualTo("default eve");
    assertThatThrownBy(() -> dispatcher.invoke(process, index("text"), new Object[0]))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("disk");
  }

  private static final String HIDDEN_AWAY =
      """
      package away;
      @dev.limpet.Sticky("hidden")
      interface Hidden {
        long twice(long n);
        record Pair(String a, long b) {}
        Pair pair(Pair p);
      }
      """;

  @Test
  void packagePrivateInterfaceOfAnotherLoader_works() throws Throwable {
    Compiled compiled =
        Compiled.of(directory, Map.of("away/Hidden.java", HIDDEN_AWAY), "-parameters");
    try (URLClassLoader loader = compiled.loader()) {
      Class<?> hidden = loader.loadClass("away.Hidden");
      StickyType<?> type = StickyType.of(hidden);
      Object made = type.stub((index, arguments) -> (Long) arguments[0] * 2);
      assertThat(type.dispatcher().invoke(made, type.method("twice").index(), new Object[] {21L}))
          .isEqualTo(42L);
    }
  }

  @Test
  void reloadedInterface_isATypeOfItsOwn() throws Throwable {
    Compiled compiled = Compiled.of(directory, Map.of("away/Hidden.java", HIDDEN_AWAY));
    try (URLClassLoader one = compiled.loader();
        URLClassLoader two = compiled.loader()) {
      StickyType<?> first = StickyType.of(one.loadClass("away.Hidden"));
      StickyType<?> second = StickyType.of(two.loadClass("away.Hidden"));
      assertThat(first).isNotSameAs(second).isSameAs(StickyType.of(one.loadClass("away.Hidden")));
      assertThat(first.signature()).isEqualTo(second.signature());
      assertThat(second.type()).isInstanceOf(Class.class).isNotEqualTo(first.type());
    }
  }

  @Test
  void unusedInterface_isUnloaded() throws Throwable {
    Compiled compiled = Compiled.of(directory, Map.of("away/Hidden.java", HIDDEN_AWAY));
    WeakReference<ClassLoader> loader = use(compiled);
    for (int i = 0; i < 50 && loader.get() != null; i++) {
      System.gc();
    }
    assertThat(loader.get()).isNull();
  }

  private static WeakReference<ClassLoader> use(Compiled compiled) throws Throwable {
    try (URLClassLoader loader = compiled.loader()) {
      StickyType<?> type = StickyType.of(loader.loadClass("away.Hidden"));
      Object made = type.stub((index, arguments) -> 1L);
      assertThat(type.dispatcher().invoke(made, type.method("twice").index(), new Object[] {21L}))
          .isEqualTo(1L);
      StickyMethod pair = type.method("pair");
      assertThat(pair.digest(new Object[] {pair(loader)})).hasSize(32);
      return new WeakReference<>(loader);
    }
  }

  private static Object pair(ClassLoader loader) throws Throwable {
    var constructor =
        loader.loadClass("away.Hidden$Pair").getDeclaredConstructor(String.class, long.class);
    constructor.setAccessible(true);
    return constructor.newInstance("a", 1L);
  }

  @Test
  void interfaceOfAClosedModule_isRefusedWithTheLineToAdd() throws Exception {
    Map<String, String> sources =
        Map.of(
            "module-info.java",
            "module away { requires dev.limpet.api; }",
            "away/Hidden.java",
            HIDDEN_AWAY);
    Class<?> hidden = Compiled.of(directory, sources).module("away").loadClass("away.Hidden");
    String to = StickyType.class.getModule().isNamed() ? " to dev.limpet.values" : "";
    assertThatThrownBy(() -> StickyType.of(hidden))
        .isInstanceOf(StartFailed.class)
        .hasMessageContaining("\"opens away" + to + ";\"");
  }

  @Test
  void interfaceOfAnOpenModule_works() throws Throwable {
    Map<String, String> sources =
        Map.of(
            "module-info.java",
            "module away { requires dev.limpet.api; opens away; }",
            "away/Hidden.java",
            HIDDEN_AWAY);
    Class<?> hidden = Compiled.of(directory, sources).module("away").loadClass("away.Hidden");
    assertThat(hidden.getModule().isNamed()).isTrue();
    StickyType<?> type = StickyType.of(hidden);
    Object made = type.stub((index, arguments) -> 5L);
    assertThat(type.dispatcher().invoke(made, type.method("twice").index(), new Object[] {1L}))
        .isEqualTo(5L);
  }
}
