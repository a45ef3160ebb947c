package dev.limpet.mutant;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Limpet with some of its sources changed: the changed files are compiled in memory, and loaded together with fresh copies
 * of all other classes, tests too, in a class loader of their own. What ships is never touched.
 */
public final class MutantCode extends ClassLoader {
  private static final String OWN = "dev.limpet.";

  /** Whoever runs the trial is outside. */
  private static final String OUTSIDE = MutantCode.class.getPackageName() + ".";

  private final Map<String, byte[]> changed;

  private MutantCode(Map<String, byte[]> changed) {
    super(MutantCode.class.getClassLoader());
    this.changed = changed;
  }

  /**
   * Applies the changes and compiles.
   *
   * @throws AssertionError if a text to be replaced does not stand in its file exactly once, or the result is no Java
   */
  static MutantCode of(List<Mutant.Edit> edits) {
    Map<String, String> sources = new TreeMap<>();
    for (Mutant.Edit e : edits) {
      String before = sources.computeIfAbsent(e.file(), MutantCode::source);
      int at = before.indexOf(e.search());
      if (at < 0 || before.indexOf(e.search(), at + 1) >= 0) {
        throw new AssertionError(
            "the text to replace must stand exactly once in " + e.file() + ": " + e.search());
      }
      sources.put(
          e.file(),
          before.substring(0, at) + e.replacement() + before.substring(at + e.search().length()));
    }
    return new MutantCode(sources.isEmpty() ? Map.of() : compiled(sources));
  }

  /** A class as it is in this code. */
  public Class<?> load(String name) {
    try {
      return Class.forName(name, true, this);
    } catch (ClassNotFoundException e) {
      throw new LinkageError("not on the class path of the tests: " + name, e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OWN) || name.startsWith(OUTSIDE)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> known = findLoadedClass(name);
      return known == null ? findClass(name) : known;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes = changed.containsKey(name) ? changed.get(name) : unchanged(name);
    return defineClass(name, bytes, 0, bytes.length);
  }

  private byte[] unchanged(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private static String source(String file) {
    try {
      return Files.readString(Checkout.root().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, byte[]> compiled(Map<String, String> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((file, text) -> units.add(new Source(file, text)));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null);
        Outputs outputs = new Outputs(standard)) {
      boolean done =
          compiler
              .getTask(
                  said,
                  outputs,
                  null,
                  List.of("-proc:none", "-implicit:none", "-nowarn", "-classpath", classPath),
                  null,
                  units)
              .call();
      if (!done) {
        throw new AssertionError("the changed sources do not compile: " + said);
      }
      return outputs.classes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String file, String text) {
      super(URI.create("mutant:///" + file.substring(file.indexOf("dev/limpet"))), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class Outputs extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> byName = new TreeMap<>();

    Outputs(JavaFileManager standard) {
      super(standard);
    }

    Map<String, byte[]> classes() {
      Map<String, byte[]> all = new TreeMap<>();
      byName.forEach((name, bytes) -> all.put(name, bytes.toByteArray()));
      return all;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(
          URI.create("mutant:///" + className.replace('.', '/') + kind.extension), kind) {
        @Override
        public OutputStream openOutputStream() {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          byName.put(className, bytes);
          return bytes;
        }
      };
    }
  }
}
