package dev.limpet.core.arch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;

/**
 * What "pure" means for {@code dev.limpet.core}: the same inputs give the same decisions, on every node, in the
 * simulator and in every replay.
 */
final class PureCoreRules {
  private static final String CORE = "dev.limpet.core..";

  /** Packages that only compute. What is not named here is refused, so a new kind of outside needs no new rule. */
  private static final DescribedPredicate<JavaClass> PURE_PACKAGES =
      resideInAnyPackage(
          "dev.limpet",
          "dev.limpet.api..",
          CORE,
          "org.jspecify..",
          "java.lang",
          "java.lang.annotation",
          "java.lang.invoke",
          "java.lang.runtime",
          "java.math",
          "java.nio",
          "java.nio.charset",
          "java.util",
          "java.util.function",
          "java.util.stream",
          "java.util.zip");

  /** From packages that do more than compute: what shapes bytes and lengths of time. */
  private static final Set<String> PURE_TYPES =
      Set.of(
          "java.io.ByteArrayInputStream",
          "java.io.ByteArrayOutputStream",
          "java.io.DataInput",
          "java.io.DataInputStream",
          "java.io.DataOutput",
          "java.io.DataOutputStream",
          "java.io.EOFException",
          "java.io.IOException",
          "java.io.InputStream",
          "java.io.OutputStream",
          "java.io.UncheckedIOException",
          "java.time.Duration");

  /** From the pure packages: what brings in the outside all the same. */
  private static final Set<String> OUTSIDE_TYPES =
      Set.of(
          "java.lang.ClassLoader",
          "java.lang.InheritableThreadLocal",
          "java.lang.Process",
          "java.lang.ProcessBuilder",
          "java.lang.ProcessHandle",
          "java.lang.Runtime",
          "java.lang.ScopedValue",
          "java.lang.System$Logger",
          "java.lang.Thread",
          "java.lang.ThreadGroup",
          "java.lang.ThreadLocal",
          "java.nio.MappedByteBuffer",
          "java.util.Random",
          "java.util.Scanner",
          "java.util.ServiceLoader",
          "java.util.SplittableRandom",
          "java.util.Timer",
          "java.util.TimerTask");

  /** From the pure types: the members that read a clock, chance, the environment or another thread. */
  private static final Set<String> OUTSIDE_MEMBERS =
      Set.of(
          "java.lang.Boolean.getBoolean",
          "java.lang.Integer.getInteger",
          "java.lang.Long.getLong",
          "java.lang.Math.random",
          "java.lang.Object.notify",
          "java.lang.Object.notifyAll",
          "java.lang.Object.wait",
          "java.lang.StrictMath.random",
          "java.util.Collections.shuffle",
          "java.util.UUID.randomUUID");

  /** The whole of {@code System} but this. */
  private static final String PURE_SYSTEM_MEMBER = "java.lang.System.arraycopy";

  private static final Set<String> UNORDERED =
      Set.of(
          "java.util.Map.copyOf",
          "java.util.Map.of",
          "java.util.Map.ofEntries",
          "java.util.Set.copyOf",
          "java.util.Set.of",
          "java.util.stream.Collectors.toUnmodifiableMap",
          "java.util.stream.Collectors.toUnmodifiableSet");

  static final ArchRule ONLY_PURE_PACKAGES =
      classes()
          .that()
          .resideInAPackage(CORE)
          .should()
          .onlyDependOnClassesThat(
              PURE_PACKAGES.or(
                  describe(
                      "only shape bytes and lengths of time",
                      type ->
                          type.getBaseComponentType().isPrimitive()
                              || PURE_TYPES.contains(type.getBaseComponentType().getName()))))
          .because(
              "the core decides and touches nothing: files, sockets, locks and executors are the node's business; hand"
                  + " the core what it needs as an argument");

  static final ArchRule NO_OUTSIDE_TYPE =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat(
              describe(
                  "bring in a thread, another program, a timer or chance",
                  type -> OUTSIDE_TYPES.stream().anyMatch(name -> isOrIsIn(type, name))))
          .because("time, chance and threads are inputs: take nowNanos or a seed as an argument");

  static final ArchRule NO_OUTSIDE_MEMBER =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .accessTargetWhere(
              describe(
                  "reads a clock, chance, the environment, a standard stream or another thread",
                  access -> {
                    String member = memberOf(access);
                    return OUTSIDE_MEMBERS.contains(member)
                        || (member.startsWith("java.lang.System.")
                            && !member.equals(PURE_SYSTEM_MEMBER));
                  }))
          .because(
              "a decision comes out the same on every replica, in the simulator and in a replay");

  static final ArchRule NO_UNORDERED_COLLECTION =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .accessTargetWhere(
              describe(
                  "makes a set or map of random order",
                  access -> UNORDERED.contains(memberOf(access))))
          .because(
              "the order of Set.of, Map.of and their copies changes from JVM to JVM, so that two replicas could decide"
                  + " differently: use List.of, TreeMap, LinkedHashMap, EnumMap, Collections.unmodifiableMap");

  static final ArchRule NO_SYNCHRONIZED_METHOD =
      methods()
          .that()
          .areDeclaredInClassesThat(resideInAPackage(CORE))
          .should()
          .notHaveModifier(JavaModifier.SYNCHRONIZED)
          .because("a state machine of the core has one caller at a time; the node sees to that");

  static final ArchRule NO_VOLATILE_FIELD =
      fields()
          .that()
          .areDeclaredInClassesThat(resideInAPackage(CORE))
          .should()
          .notHaveModifier(JavaModifier.VOLATILE)
          .because("a state machine of the core has one caller at a time; the node sees to that");

  static final ArchRule NO_PACKAGE_CYCLE =
      slices()
          .matching("dev.limpet.(**)")
          .should()
          .beFreeOfCycles()
          .because(
              "packages that need each other cannot be read, tested or replaced one at a time");

  static final List<ArchRule> ALL =
      List.of(
          ONLY_PURE_PACKAGES,
          NO_OUTSIDE_TYPE,
          NO_OUTSIDE_MEMBER,
          NO_UNORDERED_COLLECTION,
          NO_SYNCHRONIZED_METHOD,
          NO_VOLATILE_FIELD,
          NO_PACKAGE_CYCLE);

  private PureCoreRules() {}

  private static boolean isOrIsIn(JavaClass type, String name) {
    String used = type.getBaseComponentType().getName();
    return used.equals(name) || used.startsWith(name + "$");
  }

  /** The owner and name of what is called, read or referred to; method references count. */
  private static String memberOf(JavaAccess<?> access) {
    return access.getTargetOwner().getName() + "." + access.getTarget().getName();
  }
}
