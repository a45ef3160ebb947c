package dev.limpet.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PathSegmentsTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "alice,alice",
        "a%2Fb,a/b",
        "a%2fb,a/b",
        "%252F,%2F",
        "a+b,a+b",
        "a%20b,a b",
        "a;v=1,a;v=1",
        "a%3Bb,a;b",
        "...,...",
        ".a,.a",
        "%2e%2e%2e,...",
        "%2e%2e%2fx,../x",
        "%C3%A9,é",
        "%e2%82%ac,€",
        "%F0%9F%90%9A,🐚",
        "a:b@c!$&'()*=,a:b@c!$&'()*=",
        "%3F%23%25,?#%",
      })
  void decode_onceAndExactly(String raw, String key) {
    assertThat(PathSegments.decode(raw)).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%",
        "%4",
        "%zz",
        "%4g",
        "%-1",
        "% 41",
        "%u0041",
        "a%",
        "%c0%af",
        "%c1%81",
        "%e0%80%af",
        "%f0%80%80%af",
        "%ed%a0%80",
        "%ed%bf%bf",
        "%f4%90%80%80",
        "%f5%80%80%80",
        "%80",
        "%c3",
        "%c3%28",
        "%ff",
        "%fe%ff",
        "%e2%82",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2e%2e",
        ".%2e",
        "%2e.",
        "a b",
        "é",
        "\u0001",
        "\u007f",
        "a\tb",
        "%\uff11\uff11",
      })
  void decode_ofWhatIsNoSegment_isRefused(String raw) {
    assertThatThrownBy(() -> PathSegments.decode(raw))
        .isInstanceOfSatisfying(
            CallRefused.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_KEY));
  }

  @Test
  void of_splitsBeforeItDecodes_andKeepsEmptySegments() {
    assertThat(PathSegments.of("/v1/account/a%2Fb/add"))
        .containsExactly("v1", "account", "a/b", "add");
    assertThat(PathSegments.of("//v1//")).containsExactly("", "v1", "", "");
    assertThat(PathSegments.of("/")).containsExactly("");
  }

  @Test
  void of_absoluteForm_isThePathOfIt() {
    assertThat(PathSegments.of("http://h:1/a/b")).containsExactly("a", "b");
    assertThat(PathSegments.of("HTTP://h")).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "h:1", "a/b", "ftp://h/a", "\\a"})
  void of_whatIsNoPath_isRefused(String raw) {
    assertThatThrownBy(() -> PathSegments.of(raw)).isInstanceOf(CallRefused.class);
  }
}
