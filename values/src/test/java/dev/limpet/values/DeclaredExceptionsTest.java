package dev.limpet.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ErrorCode;
import dev.limpet.ProcessFailed;
import dev.limpet.Sticky;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DeclaredExceptionsTest {
  static final class Uncovered extends Exception {
    private static final long serialVersionUID = 1L;

    Uncovered(String message) {
      super(message);
    }
  }

  static final class Missing extends Exception {
    private static final long serialVersionUID = 1L;

    Missing(long cents) {
      super("missing " + cents);
    }
  }

  abstract static sealed class Refusal extends RuntimeException permits Late, Early {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }

  static final class Late extends Refusal {
    private static final long serialVersionUID = 1L;

    Late(String message) {
      super(message);
    }
  }

  static final class Early extends Refusal {
    private static final long serialVersionUID = 1L;

    Early(String message) {
      super(message);
    }
  }

  @Sticky("shop")
  interface Shop {
    void buy() throws Uncovered, Missing, Refusal, IOException;

    void look();
  }

  private final StickyType<Shop> shop = StickyType.of(Shop.class);
  private final DeclaredExceptions declared = shop.method("buy").exceptions();

  private Throwable travel(Throwable thrown) {
    return declared.rebuild(Thrown.decode(declared.describe(thrown).encode()));
  }

  @Test
  void declaredException_arrivesAsItself_withTheCallersStack() {
    Uncovered thrown = new Uncovered("5 cents short");
    for (Throwable arrived : new Throwable[] {travel(thrown), declared.arrive(thrown)}) {
      assertThat(arrived)
          .isExactlyInstanceOf(Uncovered.class)
          .isNotSameAs(thrown)
          .hasMessage("5 cents short")
          .hasNoCause();
    }
  }

  @Test
  void exceptionWithoutMessage_arrivesWithout() {
    assertThat(travel(new Uncovered(null))).isExactlyInstanceOf(Uncovered.class).hasMessage(null);
  }

  @Test
  void exceptionWithoutStringConstructor_isProcessFailedWithTypeAndMessage() {
    assertThat(travel(new Missing(5)))
        .isInstanceOfSatisfying(
            ProcessFailed.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DECLARED_EXCEPTION))
        .hasMessage(Missing.class.getName() + ": missing 5");
    assertThat(shop.advice())
        .anySatisfy(
            each -> assertThat(each).startsWith("shop.buy declares " + Missing.class.getName()));
  }

  @Test
  void permittedSubclassOfSealedDeclaredClass_arrivesAsItself() {
    assertThat(travel(new Late("too late"))).isExactlyInstanceOf(Late.class).hasMessage("too late");
  }

  @Test
  void otherSubclass_arrivesAsTheDeclaredClass() {
    assertThat(travel(new FileNotFoundException("a.txt")))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("a.txt");
  }

  @Test
  void onlyDeclaredClasses_areDeclared() {
    assertThat(declared.declares(new FileNotFoundException())).isTrue();
    assertThat(declared.declares(new Early("e"))).isTrue();
    assertThat(declared.declares(new IllegalStateException())).isFalse();
    assertThat(shop.method("look").exceptions().declares(new IOException())).isFalse();
    assertThatThrownBy(() -> declared.describe(new NoSuchElementException()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nameOutsideTheTable_isNeverMadeAClass() {
    assertThat(declared.rebuild(new Thrown("java.util.NoSuchElementException", "x")))
        .isInstanceOf(ProcessFailed.class)
        .hasMessage("java.util.NoSuchElementException: x");
  }

  @Test
  void longMessage_isCut() {
    assertThat(travel(new Uncovered("x".repeat(10_000))).getMessage())
        .hasSize(Thrown.MESSAGE_CHARS_MAX)
        .endsWith("…");
  }
}
