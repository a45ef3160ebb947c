package dev.limpet.core.tidy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.limpet.core.tidy.TidyRule.Offence;
import dev.limpet.mutant.Checkout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TidyTest {
  @Test
  void repository_keepsTheRules() throws IOException {
    List<TextFile> files = Repository.textFiles(Checkout.root());
    var offences = new ArrayList<Offence>();
    for (TextFile file : files) {
      for (TidyRule rule : TidyRule.LINE_RULES) {
        offences.addAll(rule.offences(file));
      }
      offences.addAll(TidyRule.tooLong(file));
    }
    offences.addAll(ErrorPages.offences(files));
    assertThat(exceptions().remaining(offences)).isEmpty();
  }

  @Test
  void repository_isWhatTheRulesLookAt() throws IOException {
    List<String> paths =
        Repository.textFiles(Checkout.root()).stream().map(TextFile::path).toList();
    assertThat(paths)
        .contains(
            "pom.xml", "limpet", ".ci/run", "core/src/test/java/dev/limpet/core/tidy/TidyTest.java")
        .noneMatch(path -> path.contains("/target/"));
  }

  /** In the samples {@code ~} stands for nothing: it keeps them from being offences where they stand. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          machine-path       | docs/start.md                 | run it in /ho~me/ann/limpet
          machine-path       | docs/start.md                 | see /ro~ot/notes
          machine-path       | cli/src/main/java/A.java      | Path.of("/usr/lib/jv~m/temurin-25")
          test-jar           | node/pom.xml                  | <type>test-ja~r</type>
          registry-host      | pom.xml                       | <url>https://repo.mav~en.apache.org/x</url>
          registry-host      | console/package-lock.json     | "https://registry.npm~js.org/react"
          sleep              | core/src/test/java/ATest.java | Thread.sle~ep(10);
          sleep              | core/src/test/java/ATest.java | TimeUnit.SECONDS.sle~ep(1);
          skipped-test       | core/src/test/java/ATest.java | @Disab~led("flaky")
          skipped-test       | core/src/test/java/ATest.java | @Enabled~IfSystemProperty(named = "x")
          skipped-test       | core/src/test/java/ATest.java | assume~True(fast);
          java-serialization | node/src/main/java/A.java     | var in = new Object~InputStream(bytes);
          lock-in-core       | core/src/main/java/A.java     | synchroni~zed (this) {
          print-in-library   | node/src/main/java/A.java     | System.ou~t.println(1);
          """)
  void badLine_breaksTheRule(String rule, String path, String line) {
    assertThat(rulesBrokenBy(TextFile.of(path, line.replace("~", "")))).containsExactly(rule);
  }

  @Test
  void tab_breaksTheRule() {
    assertThat(rulesBrokenBy(TextFile.of("docs/start.md", "a\tb"))).containsExactly("tab");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          limpet                        | for candidate in /usr/lib/jvm~/*; do
          docs/start.md                 | GET /admin/home/n1/shards
          pom.xml                       | xmlns="http://mav~en.apache.org/POM/4.0.0"
          node/src/main/java/A.java     | ticker.sleep(10);
          node/src/main/java/A.java     | * Never an Object~InputStream: see values.
          node/src/main/java/A.java     | synchroni~zed (this) {
          cli/src/main/java/A.java      | System.ou~t.println(1);
          core/src/test/java/ATest.java | assertThat(resume).isTrue();
          """)
  void goodLine_breaksNoRule(String path, String line) {
    assertThat(rulesBrokenBy(TextFile.of(path, line.replace("~", "")))).isEmpty();
  }

  private static List<String> rulesBrokenBy(TextFile file) {
    return TidyRule.LINE_RULES.stream()
        .flatMap(rule -> rule.offences(file).stream())
        .map(Offence::rule)
        .toList();
  }

  @Test
  void javaFile_over600Lines_isTooLong() {
    assertThat(TidyRule.tooLong(TextFile.of("A.java", "x\n".repeat(600)))).isEmpty();
    assertThat(TidyRule.tooLong(TextFile.of("A.java", "x\n".repeat(601)))).hasSize(1);
    assertThat(TidyRule.tooLong(TextFile.of("a.md", "x\n".repeat(601)))).isEmpty();
  }

  @Test
  void errorCode_withoutPage_isAnOffence() {
    var source = TextFile.of("api/src/main/java/A.java", "throw new Refused(\"LMP-" + "9999\");");
    var page = TextFile.of("docs/errors/LMP-9999.md", "# What to do");
    assertThat(ErrorPages.offences(List.of(source))).hasSize(1);
    assertThat(ErrorPages.offences(List.of(source, page))).isEmpty();
  }

  @Test
  void errorPage_withoutCode_isAnOffence() {
    var page = TextFile.of("docs/errors/LMP-9999.md", "# What to do");
    assertThat(ErrorPages.offences(List.of(page)))
        .extracting(Offence::path)
        .containsExactly(page.path());
  }

  @Test
  void exception_coversItsFileOnly_andMustBeNeeded() {
    var exceptions =
        Exceptions.parse(List.of("# why", "", "sleep a/ATest.java proves that a sleeper wakes"));
    var excused = new Offence("sleep", "a/ATest.java", "one");
    var other = new Offence("sleep", "a/BTest.java", "two");
    assertThat(exceptions.remaining(List.of(excused))).isEmpty();
    assertThat(exceptions.remaining(List.of(excused, other))).containsExactly("two");
    assertThat(exceptions.remaining(List.of())).singleElement().asString().contains("remove it");
  }

  @Test
  void exception_withoutReason_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Exceptions.parse(List.of("sleep a/ATest.java")))
        .withMessageContaining("RULE PATH REASON");
  }

  private static Exceptions exceptions() throws IOException {
    try (InputStream in = TidyTest.class.getResourceAsStream("/tidy-exceptions.txt")) {
      assertThat(in).isNotNull();
      return Exceptions.parse(
          new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }
}
