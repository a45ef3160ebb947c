package dev.limpet.mutant;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.platform.engine.CancellationToken;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherExecutionRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherExecutionRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Tests of the module that are run with the changed code: of each class all, or the one after a {@code #}. Found is what
 * fails first; the rest is left out.
 *
 * @param tests names of classes, or {@code class#method}
 */
public record TestTrial(List<String> tests) implements Trial {
  private static final int CHARS_MAX = 200;

  /** How often they are run at most: where threads race, a broken one may get through by chance. */
  private static final int RUNS_MAX = 5;

  public TestTrial {
    tests = List.copyOf(tests);
  }

  public static TestTrial of(String... tests) {
    return new TestTrial(List.of(tests));
  }

  @Override
  public int seeds() {
    return RUNS_MAX;
  }

  @Override
  public LongFunction<String> in(MutantCode code) {
    return seed -> run(code);
  }

  private String run(MutantCode code) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(code);
    try {
      List<DiscoverySelector> selectors = new ArrayList<>();
      for (String test : tests) {
        selectors.add(selector(code, test));
      }
      FirstFailure first = new FirstFailure();
      LauncherExecutionRequest request =
          LauncherExecutionRequestBuilder.request(
                  LauncherDiscoveryRequestBuilder.request()
                      .selectors(selectors)
                      .configurationParameter("junit.jupiter.execution.timeout.default", "30 s")
                      .build())
              .listeners(first)
              .cancellationToken(first.rest)
              .build();
      LauncherFactory.create().execute(request);
      if (first.passed == 0 && first.failure.isEmpty()) {
        throw new AssertionError("there are no such tests: " + tests);
      }
      return first.failure;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static DiscoverySelector selector(MutantCode code, String test) {
    int hash = test.indexOf('#');
    Class<?> type = code.load(hash < 0 ? test : test.substring(0, hash));
    return hash < 0
        ? DiscoverySelectors.selectClass(type)
        : DiscoverySelectors.selectMethod(type, method(type, test.substring(hash + 1)));
  }

  private static Method method(Class<?> type, String name) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(m -> m.getName().equals(name) && !m.isSynthetic())
        .findFirst()
        .orElseThrow(() -> new AssertionError("no test " + name + " in " + type));
  }

  private static String name(TestIdentifier test) {
    return test.getSource().orElse(null) instanceof MethodSource method
        ? method.getMethodName()
        : test.getDisplayName();
  }

  private static final class FirstFailure implements TestExecutionListener {
    final CancellationToken rest = CancellationToken.create();
    int passed;
    String failure = "";

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (result.getStatus() == TestExecutionResult.Status.FAILED && failure.isEmpty()) {
        String why = result.getThrowable().map(Throwable::getMessage).orElse("");
        failure = name(test) + ": " + why.strip().replaceAll("\\s+", " ");
        failure = failure.substring(0, Math.min(failure.length(), CHARS_MAX));
        rest.cancel();
      } else if (test.isTest()) {
        passed++;
      }
    }
  }
}
