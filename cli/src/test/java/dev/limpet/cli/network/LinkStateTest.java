package dev.limpet.cli.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LinkStateTest {
  @Test
  void word_parsed_isTheSameState() {
    LinkState state = new LinkState(true, false, 1, 2, 3, 4, 5);
    assertThat(LinkState.parse(state.word())).isEqualTo(state);
    assertThat(LinkState.parse(LinkState.REFUSED.word())).isEqualTo(LinkState.REFUSED);
  }

  @Test
  void wrongWord_isRefused() {
    assertThatThrownBy(() -> LinkState.parse("true:false"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void twoStatesAtOnce_areAsBadAsTheWorseOfEach() {
    LinkState both = LinkState.slow(500).and(LinkState.slow(200)).and(LinkState.delayed(7, 3));
    assertThat(both).isEqualTo(new LinkState(false, false, 7, 3, 0, 200, 0));
    assertThat(both.and(LinkState.STALLED).stalled()).isTrue();
    assertThat(LinkState.GOOD.and(LinkState.GOOD).isGood()).isTrue();
  }
}
