package dev.limpet.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.Sticky;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stub whose process is near calls it directly, step by step, and goes the long way when it is told to. */
@Timeout(60)
class NearStubTest {

  @Sticky("parcel")
  interface Parcel {
    double weigh(
        boolean a, byte b, short c, char d, int e, long f, float g, double h, String i, long[] j);

    void drop();

    String label(String prefix) throws IOException;

    long[] sizes();
  }

  interface Box<T> {
    T swap(T next);
  }

  @Sticky("string-box")
  interface StringBox extends Box<String> {}

  private static class ParcelProcess implements Parcel {
    boolean dropped;

    @Override
    public double weigh(
        boolean a, byte b, short c, char d, int e, long f, float g, double h, String i, long[] j) {
      return (a ? 1 : 0) + b + c + d + e + f + g + h + i.length() + j[0];
    }

    @Override
    public void drop() {
      dropped = true;
    }

    @Override
    public String label(String prefix) throws IOException {
      if (prefix.isEmpty()) {
        throw new IOException("no prefix");
      }
      return prefix + "-parcel";
    }

    @Override
    public long[] sizes() {
      return new long[] {1, 2};
    }
  }

  /** A target that notes each step, and whose turns end as the test says. */
  private static final class Steps implements NearTarget, NearProcess, NearTurn {
    static final long TIMEOUT = 5_000_000_000L;

    final List<String> steps = new ArrayList<>();
    final List<StickyMethod> methods;
    final Object process;
    int asked;
    boolean near = true;
    boolean begins = true;
    long again = DONE;

    Steps(StickyType<?> type, Object process) {
      this.methods = type.methods();
      this.process = process;
    }

    @Override
    public @Nullable NearProcess near() {
      asked++;
      return near ? this : null;
    }

    @Override
    public long timeoutNanos() {
      return TIMEOUT;
    }

    @Override
    public boolean isOver() {
      return !near;
    }

    @Override
    public @Nullable Object argument(int methodIndex, int place, @Nullable Object value) {
      steps.add("argument " + place);
      return methods.get(methodIndex).isolateArgument(place, value);
    }

    @Override
    public @Nullable NearTurn begin(int methodIndex, long timeoutNanos) {
      assertThat(timeoutNanos).isEqualTo(TIMEOUT);
      if (near && begins) {
        steps.add("begin " + methods.get(methodIndex).name());
        return this;
      }
      return null;
    }

    @Override
    public Object process() {
      return process;
    }

    @Override
    public @Nullable Object result(int methodIndex, @Nullable Object value) {
      steps.add("result");
      return methods.get(methodIndex).isolateResult(value);
    }

    @Override
    public long end(int methodIndex) {
      steps.add("end");
      return again;
    }

    @Override
    public long fail(int methodIndex, Throwable thrown) throws Throwable {
      steps.add("fail " + thrown.getMessage());
      if (again == DONE) {
        throw thrown;
      }
      return again;
    }

    @Override
    public @Nullable Object call(int methodIndex, @Nullable Object[] arguments) {
      return call(methodIndex, arguments, 0);
    }

    @Override
    public @Nullable Object call(
        int methodIndex, @Nullable Object[] arguments, long deadlineNanos) {
      steps.add("far " + methods.get(methodIndex).name() + " by " + deadlineNanos);
      return switch (methods.get(methodIndex).name()) {
        case "weigh" -> -1.0;
        case "label" -> "far " + arguments[0];
        default -> null;
      };
    }
  }

  private final StickyType<Parcel> type = StickyType.of(Parcel.class);
  private final ParcelProcess process = new ParcelProcess();
  private final Steps steps = new Steps(type, process);
  private final Parcel stub = type.stub(steps);

  @Test
  void call_ofEveryPrimitive_reachesTheProcessAsItIs() {
    assertThat(stub.weigh(true, (byte) 1, (short) 2, (char) 3, 4, 5L, 6f, 7d, "s", new long[] {8}))
        .isEqualTo(38.0);
    assertThat(steps.steps).containsExactly("argument 8", "argument 9", "begin weigh", "end");
  }

  @Test
  void call_withoutArgumentsAndResult_isBegunAndEnded() {
    stub.drop();
    assertThat(process.dropped).isTrue();
    assertThat(steps.steps).containsExactly("begin drop", "end");
  }

  @Test
  void objects_goThroughTheTargetBothWays() throws Exception {
    assertThat(stub.label("a")).isEqualTo("a-parcel");
    assertThat(steps.steps).containsExactly("argument 0", "begin label", "result", "end");
  }

  @Test
  void result_thatIsMutable_isTheCopyThatTheTargetMakes() {
    long[] kept = {1, 2};
    ParcelProcess sharing =
        new ParcelProcess() {
          @Override
          public long[] sizes() {
            return kept;
          }
        };
    long[] got = type.stub(new Steps(type, sharing)).sizes();
    assertThat(got).containsExactly(1, 2).isNotSameAs(kept);
  }

  @Test
  void argument_thatIsRefused_beginsNoTurn() {
    String none = null;
    assertThatThrownBy(() -> stub.label(none)).hasMessageContaining("null");
    assertThat(steps.steps).containsExactly("argument 0");
  }

  @Test
  void thrown_endsTheTurnAndReachesTheCallerAsTheTargetSays() {
    assertThatThrownBy(() -> stub.label(""))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("no prefix");
    assertThat(steps.steps).containsExactly("argument 0", "begin label", "fail no prefix");
  }

  @Test
  void resultThatIsRefused_failsTheTurn() {
    ParcelProcess silent =
        new ParcelProcess() {
          @Override
          @SuppressWarnings("NullAway")
          public String label(String prefix) {
            return null;
          }
        };
    Steps watched = new Steps(type, silent);
    assertThatThrownBy(() -> type.stub(watched).label("a")).hasMessageContaining("null");
    assertThat(watched.steps.getLast()).startsWith("fail ");
  }

  @Test
  void process_thatIsNotNear_isCalledTheLongWayAtOnce() throws Exception {
    steps.near = false;
    assertThat(stub.label("a")).isEqualTo("far a");
    assertThat(steps.steps).containsExactly("far label by 0");
  }

  @Test
  void process_isRememberedUntilItIsOver() {
    stub.drop();
    steps.begins = false;
    stub.drop();
    stub.drop();
    assertThat(steps.asked).as("in use for a moment").isEqualTo(1);
    steps.near = false;
    stub.drop();
    assertThat(steps.asked).as("over").isEqualTo(1);
    steps.near = true;
    steps.begins = true;
    stub.drop();
    assertThat(steps.asked).as("found anew").isEqualTo(2);
  }

  @Test
  void turnThatCannotBegin_isCalledTheLongWay() {
    steps.begins = false;
    stub.drop();
    assertThat(process.dropped).isFalse();
    assertThat(steps.steps).containsExactly("far drop by 0");
  }

  @Test
  void turnThatDoesNotStand_isCalledAgainTheLongWayByItsDeadline() throws Exception {
    steps.again = 77;
    assertThat(stub.label("a")).isEqualTo("far a");
    assertThat(steps.steps)
        .containsExactly("argument 0", "begin label", "result", "end", "far label by 77");
  }

  @Test
  void turnThatFailsAndDoesNotStand_isCalledAgainTheLongWayByItsDeadline() throws Exception {
    steps.again = 77;
    assertThat(stub.label("")).isEqualTo("far ");
    assertThat(steps.steps).endsWith("fail no prefix", "far label by 77");
  }

  @Test
  void genericMethod_isCalledOnTheProcessInEveryErasedForm() {
    StickyType<StringBox> boxes = StickyType.of(StringBox.class);
    StringBox stringBox = boxes.stub(new Steps(boxes, (StringBox) next -> "was " + next));
    Box<String> box = stringBox;
    assertThat(stringBox.swap("a")).isEqualTo("was a");
    assertThat(box.swap("b")).isEqualTo("was b");
  }

  @Test
  void interfaceOfAnotherLoader_isCalledDirectlyToo(
      @org.junit.jupiter.api.io.TempDir java.nio.file.Path directory) throws Throwable {
    Compiled compiled =
        Compiled.of(
            directory,
            Map.of(
                "away/Near.java",
                """
                package away;
                @dev.limpet.Sticky("near")
                interface Near {
                  long twice(long n);
                  class Process implements Near { public long twice(long n) { return 2 * n; } }
                }
                """));
    try (java.net.URLClassLoader loader = compiled.loader()) {
      StickyType<?> near = StickyType.of(loader.loadClass("away.Near"));
      var constructor = loader.loadClass("away.Near$Process").getDeclaredConstructor();
      constructor.setAccessible(true);
      Steps watched = new Steps(near, constructor.newInstance());
      Object made = near.stub(watched);
      assertThat(near.dispatcher().invoke(made, 0, new Object[] {21L})).isEqualTo(42L);
      assertThat(watched.steps).containsExactly("begin twice", "end");
    }
  }
}
