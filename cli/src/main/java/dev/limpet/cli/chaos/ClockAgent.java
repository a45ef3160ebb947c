package dev.limpet.cli.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Gives a node under chaos a wall clock that can be set, and leaves what ships as it is: while classes of ours and of the
 * consensus engine are loaded, their questions for the time are turned to {@link ShiftedClock}. Its shift is what the file
 * says that is named like the process, in the agent's folder, in milliseconds; without the file, none. The clock that a
 * node gives to the processes stays right: how many permits a limiter grants when an hour is left out is its own affair.
 */
public final class ClockAgent {
  private static final long POLL_NANOS = 10_000_000;
  private static final ClassDesc SHIFTED = ClassDesc.of(ShiftedClock.class.getName());

  /** The methods by their names, and whose they are. */
  private static final Map<String, String> ASKED =
      Map.of(
          "currentTimeMillis", internal(System.class),
          "now", internal(Instant.class));

  private ClockAgent() {}

  private static String internal(Class<?> type) {
    return type.getName().replace('.', '/');
  }

  /** Called by the JVM before {@code main}, with the folder. */
  public static void premain(String folder, Instrumentation jvm) {
    jvm.addTransformer(
        new ClassFileTransformer() {
          @Override
          public byte @Nullable [] transform(
              @Nullable ClassLoader loader,
              String name,
              @Nullable Class<?> redefined,
              @Nullable ProtectionDomain domain,
              byte[] code) {
            return concerns(name) && loader != null ? turned(code, loader) : null;
          }
        });
    Path shift = Path.of(folder, Long.toString(ProcessHandle.current().pid()));
    Thread unused =
        Thread.ofPlatform()
            .daemon()
            .name("clock-agent")
            .start(() -> {
              while (true) {
                ShiftedClock.shift(read(shift));
                LockSupport.parkNanos(POLL_NANOS);
              }
            });
  }

  private static boolean concerns(String name) {
    return name.startsWith("org/apache/ratis/")
        || name.startsWith("dev/limpet/") && !name.startsWith("dev/limpet/cli/");
  }

  /** The class with its questions for the time turned; null if it asks none. */
  static byte @Nullable [] turned(byte[] code, ClassLoader loader) {
    ClassFile files =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(loader)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    boolean[] asks = new boolean[1];
    byte[] turned =
        files.transformClass(
            files.parse(code),
            ClassTransform.transformingMethodBodies((builder, element) -> {
              InvokeInstruction asked = asked(element);
              if (asked == null) {
                builder.with(element);
              } else {
                asks[0] = true;
                builder.invokestatic(SHIFTED, asked.name().stringValue(), asked.typeSymbol());
              }
            }));
    return asks[0] ? turned : null;
  }

  private static @Nullable InvokeInstruction asked(CodeElement element) {
    return element instanceof InvokeInstruction call
            && call.opcode() == Opcode.INVOKESTATIC
            && call.typeSymbol().parameterCount() == 0
            && call.owner().asInternalName().equals(ASKED.get(call.name().stringValue()))
        ? call
        : null;
  }

  private static long read(Path file) {
    try {
      return Long.parseLong(Files.readString(file));
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
