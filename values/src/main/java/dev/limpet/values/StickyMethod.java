package dev.limpet.values;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import dev.limpet.Executed;
import dev.limpet.LimpetException;
import dev.limpet.ProcessFailed;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A method of a process interface: what it takes and gives, and how that travels. Immutable and thread-safe. */
public final class StickyMethod {
  private final String typeName;
  private final int index;
  private final String name;
  private final List<StickyParameter> parameters;
  private final boolean named;
  private final ValueType result;
  private final DeclaredExceptions exceptions;
  private final boolean reads;
  private final boolean idempotent;
  private final String shape;
  private final int shapeHash;

  StickyMethod(
      String typeName,
      int index,
      String name,
      List<StickyParameter> parameters,
      boolean named,
      ValueType result,
      DeclaredExceptions exceptions,
      boolean reads,
      boolean idempotent) {
    this.typeName = typeName;
    this.index = index;
    this.name = name;
    this.parameters = List.copyOf(parameters);
    this.named = named;
    this.result = result;
    this.exceptions = exceptions;
    this.reads = reads;
    this.idempotent = idempotent;
    this.shape =
        parameters.stream()
            .map(each -> each.type().toString())
            .collect(Collectors.joining(", ", result + " " + name + "(", ")"));
    this.shapeHash = Component.hash(shape);
  }

  public String name() {
    return name;
  }

  /** Its place in {@link StickyType#methods()}; the same on every node only where the interface is. */
  public int index() {
    return index;
  }

  public List<StickyParameter> parameters() {
    return parameters;
  }

  /** Whether the parameters have their names, so that arguments may be given by name. */
  public boolean isNamed() {
    return named;
  }

  /** The type of the result, {@link VoidType} for none. */
  public ValueType result() {
    return result;
  }

  public boolean isVoid() {
    return result instanceof VoidType;
  }

  public DeclaredExceptions exceptions() {
    return exceptions;
  }

  /** Whether it is marked {@link dev.limpet.Reads}. */
  public boolean reads() {
    return reads;
  }

  /** Whether it is marked {@link dev.limpet.Idempotent}. */
  public boolean idempotent() {
    return idempotent;
  }

  /** The method as Java text, such as {@code @Reads long balance()}; without names of parameters. */
  public String signature() {
    String thrown =
        exceptions.declared().stream()
            .map(Class::getName)
            .sorted()
            .collect(Collectors.joining(", "));
    return (reads ? "@Reads " : "")
        + (idempotent ? "@Idempotent " : "")
        + shape
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  /**
   * The arguments for a process on this node: those that are deeply immutable as they are, the others copied.
   *
   * @throws CallRefused if one is not a value of its type
   */
  public @Nullable Object[] isolateArguments(@Nullable Object[] arguments) {
    checkCount(arguments);
    @Nullable Object[] isolated = arguments;
    boolean copied = false;
    for (int i = 0; i < arguments.length; i++) {
      try {
        ValueType type = parameters.get(i).type();
        if (type.isShareable(arguments[i])) {
          continue;
        }
        if (!copied) {
          isolated = arguments.clone();
          copied = true;
        }
        isolated[i] = Values.copy(type, arguments[i]);
      } catch (ValueRefused e) {
        throw refused(e.in(step(i)));
      }
    }
    return isolated;
  }

  /**
   * One argument for a process on this node: itself if it is deeply immutable, else a copy.
   *
   * @throws CallRefused if it is not a value of its type
   */
  public @Nullable Object isolateArgument(int place, @Nullable Object value) {
    try {
      return parameters.get(place).type().isolate(value);
    } catch (ValueRefused e) {
      throw refused(e.in(step(place)));
    }
  }

  /**
   * The arguments in bytes.
   *
   * @throws CallRefused if one is not a value of its type, or they take more than that many bytes
   */
  public byte[] encodeArguments(@Nullable Object[] arguments, int bytesMax) {
    Encoder out = new Encoder(bytesMax);
    out.u1(Values.VERSION);
    out.fixed4(shapeHash);
    writeArguments(arguments, out);
    if (out.size() > bytesMax) {
      throw new CallRefused(
          ErrorCode.TOO_LARGE,
          "the arguments of %s.%s take %d bytes, at most %d are allowed"
              .formatted(typeName, name, out.size(), bytesMax));
    }
    return out.toBytes();
  }

  public byte[] encodeArguments(@Nullable Object[] arguments) {
    return encodeArguments(arguments, Encoder.BYTES_MAX);
  }

  /**
   * The arguments of bytes that {@link #encodeArguments} wrote, on any node.
   *
   * @throws CallRefused if they are not arguments of this method, or of one with another signature
   */
  public @Nullable Object[] decodeArguments(byte[] bytes) {
    try {
      Decoder in = new Decoder(bytes);
      Values.checkVersion(in);
      if (in.fixed4() != shapeHash) {
        throw new CallRefused(
            ErrorCode.UNKNOWN_METHOD,
            "%s.%s has another signature at the caller; here it is %s"
                .formatted(typeName, name, shape));
      }
      @Nullable Object[] arguments = new @Nullable Object[parameters.size()];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = readArgument(i, in);
      }
      in.end();
      return arguments;
    } catch (ValueRefused e) {
      throw refused(e);
    }
  }

  private @Nullable Object readArgument(int i, Decoder in) {
    try {
      return parameters.get(i).type().read(in);
    } catch (ValueRefused e) {
      throw e.in(step(i));
    }
  }

  /**
   * The result for a caller on this node: itself if it is deeply immutable, else a copy.
   *
   * @throws ProcessFailed if it is not a value of the result type; the turn has failed and must change nothing
   */
  public @Nullable Object isolateResult(@Nullable Object value) {
    try {
      return result.isolate(value);
    } catch (ValueRefused e) {
      throw failed(e, Executed.NO);
    }
  }

  /**
   * The result in bytes.
   *
   * @throws ProcessFailed as {@link #isolateResult}
   */
  public byte[] encodeResult(@Nullable Object value) {
    try {
      return Values.encode(result, value);
    } catch (ValueRefused e) {
      throw failed(e, Executed.NO);
    }
  }

  /**
   * The result of bytes that {@link #encodeResult} wrote.
   *
   * @throws ProcessFailed if it is not one for this node, although the call has run
   */
  public @Nullable Object decodeResult(byte[] bytes) {
    try {
      return Values.decode(result, bytes);
    } catch (ValueRefused e) {
      throw failed(e, Executed.UNKNOWN);
    }
  }

  /**
   * A digest of the method's name and the arguments, SHA-256: the same on every node and for equal arguments, also if
   * sets or maps give their elements in another order.
   */
  public byte[] digest(@Nullable Object[] arguments) {
    Encoder out = Encoder.canonical();
    out.text(name);
    out.text(shape);
    writeArguments(arguments, out);
    try {
      return MessageDigest.getInstance("SHA-256").digest(out.toBytes());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private void writeArguments(@Nullable Object[] arguments, Encoder out) {
    checkCount(arguments);
    for (int i = 0; i < arguments.length; i++) {
      try {
        parameters.get(i).type().write(arguments[i], out);
      } catch (ValueRefused e) {
        throw refused(e.in(step(i)));
      }
    }
  }

  private void checkCount(@Nullable Object[] arguments) {
    if (arguments.length != parameters.size()) {
      throw new CallRefused(
          ErrorCode.INVALID_ARGUMENT,
          "%s.%s takes %d arguments, got %d"
              .formatted(typeName, name, parameters.size(), arguments.length));
    }
  }

  private String step(int i) {
    return named ? "arguments." + parameters.get(i).name() : "arguments[" + i + "]";
  }

  private LimpetException refused(ValueRefused e) {
    return new CallRefused(
        e.isTooLarge() ? ErrorCode.TOO_LARGE : ErrorCode.INVALID_ARGUMENT,
        "%s.%s: %s".formatted(typeName, name, e.getMessage()));
  }

  private LimpetException failed(ValueRefused e, Executed executed) {
    return new ProcessFailed(
        ErrorCode.PROCESS_FAILED,
        executed,
        "%s.%s: %s".formatted(typeName, name, e.in("result").getMessage()));
  }

  @Override
  public String toString() {
    return typeName + ": " + signature();
  }
}
