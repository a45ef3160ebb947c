package dev.limpet.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void columns_areAlignedAndNumbersToTheRight() {
    Table table =
        new Table("NAME", "N", "NOTE")
            .row("a", "5", "x")
            .row("long name", "1,234", "")
            .row("b", "-", "y");
    assertThat(table.lines())
        .containsExactly(
            "NAME           N  NOTE",
            "a              5  x",
            "long name  1,234",
            "b              -  y");
  }

  @Test
  void columnWithAWord_isAlignedToTheLeft() {
    assertThat(new Table("N", "X").row("17", "a").row("none", "b").lines())
        .containsExactly("N     X", "17    a", "none  b");
  }

  @Test
  void rowOfAnotherLength_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Table("A", "B").row("only one"));
  }
}
