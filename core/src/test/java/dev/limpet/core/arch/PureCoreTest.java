package dev.limpet.core.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.limpet.core.arch.cyclic.one.One;
import dev.limpet.core.arch.cyclic.two.Two;
import dev.limpet.mutant.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PureCoreTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.limpet.core");

  @ParameterizedTest
  @MethodSource("rules")
  void core_keepsTheRule(ArchRule rule) {
    rule.allowEmptyShould(true).check(CORE);
  }

  static Stream<Arguments> rules() {
    return PureCoreRules.ALL.stream().map(rule -> argumentSet(rule.getDescription(), rule));
  }

  @Test
  void core_isWhatTheRulesLookAt() throws IOException {
    Path sources = Checkout.root().resolve("core/src/main/java");
    long expected = 0;
    if (Files.isDirectory(sources)) {
      try (Stream<Path> files = Files.walk(sources)) {
        expected = files.filter(file -> file.toString().endsWith(".java")).count();
      }
    }
    assertThat((long) CORE.size()).isGreaterThanOrEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("impureClasses")
  void impureClass_breaksTheRule(ArchRule rule, Class<?> impure) {
    JavaClasses classes = new ClassFileImporter().importClasses(impure);
    assertThat(rule.evaluate(classes).hasViolation()).as("%s breaks: %s", impure, rule).isTrue();
  }

  static Stream<Arguments> impureClasses() {
    return Stream.of(
        impure(PureCoreRules.NO_OUTSIDE_MEMBER, ImpureSamples.ReadsTheClock.class),
        impure(PureCoreRules.NO_OUTSIDE_MEMBER, ImpureSamples.RefersToTheClock.class),
        impure(PureCoreRules.ONLY_PURE_PACKAGES, ImpureSamples.ReadsAnInstant.class),
        impure(PureCoreRules.NO_OUTSIDE_MEMBER, ImpureSamples.ReadsTheEnvironment.class),
        impure(PureCoreRules.NO_OUTSIDE_MEMBER, ImpureSamples.ThrowsDice.class),
        impure(PureCoreRules.NO_OUTSIDE_TYPE, ImpureSamples.HasRandom.class),
        impure(PureCoreRules.ONLY_PURE_PACKAGES, ImpureSamples.HasThreadLocalRandom.class),
        impure(PureCoreRules.NO_OUTSIDE_TYPE, ImpureSamples.StartsThread.class),
        impure(PureCoreRules.NO_OUTSIDE_TYPE, ImpureSamples.BuildsThread.class),
        impure(PureCoreRules.NO_OUTSIDE_TYPE, ImpureSamples.Logs.class),
        impure(PureCoreRules.NO_OUTSIDE_MEMBER, ImpureSamples.Prints.class),
        impure(PureCoreRules.ONLY_PURE_PACKAGES, ImpureSamples.HasLock.class),
        impure(PureCoreRules.ONLY_PURE_PACKAGES, ImpureSamples.HasExecutor.class),
        impure(PureCoreRules.ONLY_PURE_PACKAGES, ImpureSamples.HasFuture.class),
        impure(PureCoreRules.ONLY_PURE_PACKAGES, ImpureSamples.OpensSocket.class),
        impure(PureCoreRules.ONLY_PURE_PACKAGES, ImpureSamples.HasFile.class),
        impure(PureCoreRules.ONLY_PURE_PACKAGES, ImpureSamples.HasPath.class),
        impure(PureCoreRules.NO_UNORDERED_COLLECTION, ImpureSamples.CopiesSet.class),
        impure(PureCoreRules.NO_SYNCHRONIZED_METHOD, ImpureSamples.Synchronizes.class),
        impure(PureCoreRules.NO_VOLATILE_FIELD, ImpureSamples.HasVolatile.class));
  }

  private static Arguments impure(ArchRule rule, Class<?> sample) {
    return argumentSet(sample.getSimpleName(), rule, sample);
  }

  @Test
  void pureClass_breaksNoRule() {
    JavaClasses classes = new ClassFileImporter().importClasses(ImpureSamples.Pure.class);
    for (ArchRule rule : PureCoreRules.ALL) {
      rule.allowEmptyShould(true).check(classes);
    }
  }

  @Test
  void packagesThatNeedEachOther_breakTheRule() {
    JavaClasses classes = new ClassFileImporter().importClasses(One.class, Two.class);
    assertThat(PureCoreRules.NO_PACKAGE_CYCLE.evaluate(classes).hasViolation()).isTrue();
  }
}
