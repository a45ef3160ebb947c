package dev.limpet.values;

import static dev.limpet.values.Generated.box;
import static dev.limpet.values.Generated.describe;
import static dev.limpet.values.Generated.unbox;
import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import dev.limpet.values.Generated.Declared;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.List;

/*
 * What a stub's method does, in Java. The steps are those of StubCall; m is the method's number.
 *
 *   R method(A a, long n) {
 *     long deadline = 0;
 *     Object at = near;                           // as it was found by an earlier call
 *     if (at == null) {
 *       at = near(target);
 *       if (at == null) goto far;
 *       near = at;
 *     }
 *     A own = (A) argument(at, m, 0, a);          // only of arguments that are objects
 *     Object turn = begin(at, m, timeout);
 *     if (turn == null) {
 *       if (isOver(at)) near = null;              // it will never be called again
 *       goto far;
 *     }
 *     try {
 *       R r = (R) result(turn, m, ((I) process(turn)).method(own, n));
 *     } catch (Throwable t) {
 *       deadline = fail(turn, m, t);              // mostly throws
 *       goto far;
 *     }
 *     deadline = end(turn, m);
 *     if (deadline == 0) return r;
 *     far: return (R) call(target, m, new Object[] {a, n}, deadline);
 *   }
 *
 * Near, the process is called as any object is: no array, nothing boxed, and the compiler sees through all of it. The stub
 * itself remembers the process, so that memory is followed over as few objects as can be; a race only loses time. It is
 * written to only when that changes: processors that share a stub would else take its line of cache from each other.
 */
/** Writes the class that implements an interface by calls to a target. */
final class GeneratedStub {
  private static final DirectMethodHandleDesc CLASS_DATA_AT =
      ConstantDescs.ofConstantBootstrap(
          ClassDesc.of("java.lang.invoke.MethodHandles"), "classDataAt", CD_Object, CD_int);

  private final ClassDesc owner;
  private final ClassDesc type;

  private GeneratedStub(Class<?> type) {
    this.owner = Generated.beside(type, "$$LimpetStub");
    this.type = describe(type);
  }

  /** Makes stubs: from a target and its {@link NearTarget#timeoutNanos} to an instance of the interface, as an object. */
  static MethodHandle stubs(
      Class<?> type, Lookup lookup, List<Declared> all, List<StickyMethod> methods) {
    byte[] code = new GeneratedStub(type).code(all);
    try {
      Class<?> hidden =
          lookup
              .defineHiddenClassWithClassData(code, StubCall.handles(methods), true)
              .lookupClass();
      return lookup
          .findConstructor(hidden, MethodType.methodType(void.class, Object.class, long.class))
          .asType(MethodType.methodType(Object.class, Object.class, long.class));
    } catch (ReflectiveOperationException | LinkageError e) {
      throw Generated.failed(type, e);
    }
  }

  private byte[] code(List<Declared> all) {
    return ClassFile.of()
        .build(
            owner,
            out -> {
              out.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC);
              out.withInterfaceSymbols(type);
              out.withField("call", CD_Object, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
              out.withField("timeout", CD_long, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
              out.withField("near", CD_Object, ClassFile.ACC_PRIVATE);
              constructor(out);
              for (Declared each : all) {
                Generated.method(
                    out,
                    each.name(),
                    describe(each.type()),
                    code -> new MethodCode(code, each).write());
              }
              identity(out);
            });
  }

  /** One method. */
  private final class MethodCode {
    private final CodeBuilder code;
    private final Declared method;
    private final Class<?> result;
    private final int deadline;
    private final int at;
    private final int turn;
    private final int value;

    /** Where each argument is that the process gets. */
    private final int[] own;

    private final Label far;

    MethodCode(CodeBuilder code, Declared method) {
      this.code = code;
      this.method = method;
      this.result = method.type().returnType();
      this.deadline = code.allocateLocal(TypeKind.LONG);
      this.at = code.allocateLocal(TypeKind.REFERENCE);
      this.turn = code.allocateLocal(TypeKind.REFERENCE);
      this.own = new int[method.type().parameterCount()];
      this.value =
          result == void.class ? -1 : code.allocateLocal(TypeKind.from(result).asLoadable());
      this.far = code.newLabel();
    }

    void write() {
      code.loadConstant(0L).lstore(deadline);
      find();
      ownArguments();
      near();
      code.labelBinding(far);
      far();
    }

    private void find() {
      Label found = code.newLabel();
      code.aload(0).getfield(owner, "near", CD_Object).astore(at);
      code.aload(at).ifnonnull(found);
      step(StubCall.NEAR, this::target);
      code.astore(at);
      code.aload(at).ifnull(far);
      code.aload(0).aload(at).putfield(owner, "near", CD_Object);
      code.labelBinding(found);
    }

    private void ownArguments() {
      for (int i = 0; i < own.length; i++) {
        Class<?> parameter = method.type().parameterType(i);
        int place = i;
        int slot = code.parameterSlot(i);
        own[i] = slot;
        if (!parameter.isPrimitive()) {
          own[i] = code.allocateLocal(TypeKind.REFERENCE);
          step(
              StubCall.ARGUMENT,
              () -> {
                code.aload(at);
                number();
                code.loadConstant(place).aload(slot);
              });
          unbox(code, parameter);
          code.astore(own[i]);
        }
      }
    }

    private void near() {
      Label begun = code.newLabel();
      step(
          StubCall.BEGIN,
          () -> {
            code.aload(at);
            number();
            code.aload(0).getfield(owner, "timeout", CD_long);
          });
      code.astore(turn).aload(turn).ifnonnull(begun);
      step(StubCall.IS_OVER, () -> code.aload(at));
      code.ifeq(far).aload(0).aconst_null().putfield(owner, "near", CD_Object).goto_(far);
      code.labelBinding(begun);
      Label from = code.newBoundLabel();
      callProcess();
      Label to = code.newBoundLabel();
      step(
          StubCall.END,
          () -> {
            code.aload(turn);
            number();
          });
      code.lstore(deadline).lload(deadline).lconst_0().lcmp().ifne(far);
      if (value >= 0) {
        code.loadLocal(TypeKind.from(result), value);
      }
      code.return_(TypeKind.from(result));
      code.exceptionCatchAll(from, to, code.newBoundLabel());
      int thrown = code.allocateLocal(TypeKind.REFERENCE);
      code.astore(thrown);
      step(
          StubCall.FAIL,
          () -> {
            code.aload(turn);
            number();
            code.aload(thrown);
          });
      code.lstore(deadline);
    }

    private void callProcess() {
      Runnable call =
          () -> {
            step(StubCall.PROCESS, () -> code.aload(turn));
            code.checkcast(type);
            for (int i = 0; i < method.type().parameterCount(); i++) {
              code.loadLocal(TypeKind.from(method.type().parameterType(i)), own[i]);
            }
            code.invokeinterface(type, method.name(), describe(method.type()));
          };
      if (result == void.class) {
        call.run();
      } else if (result.isPrimitive()) {
        call.run();
        code.storeLocal(TypeKind.from(result), value);
      } else {
        call.run();
        code.astore(value);
        step(
            StubCall.RESULT,
            () -> {
              code.aload(turn);
              number();
              code.aload(value);
            });
        unbox(code, result);
        code.astore(value);
      }
    }

    private void far() {
      step(
          StubCall.CALL,
          () -> {
            target();
            number();
            int count = method.type().parameterCount();
            code.loadConstant(count).anewarray(CD_Object);
            for (int i = 0; i < count; i++) {
              Class<?> parameter = method.type().parameterType(i);
              code.dup().loadConstant(i).loadLocal(TypeKind.from(parameter), code.parameterSlot(i));
              box(code, parameter);
              code.aastore();
            }
            code.lload(deadline);
          });
      if (result == void.class) {
        code.pop().return_();
      } else {
        unbox(code, result);
        code.return_(TypeKind.from(result));
      }
    }

    private void target() {
      code.aload(0).getfield(owner, "call", CD_Object);
    }

    private void number() {
      code.loadConstant(method.index());
    }

    /** Calls the step's handle, a constant of the class. */
    private void step(StubCall step, Runnable arguments) {
      code.loadConstant(
          DynamicConstantDesc.ofNamed(
              CLASS_DATA_AT, ConstantDescs.DEFAULT_NAME, CD_MethodHandle, step.ordinal()));
      arguments.run();
      code.invokevirtual(CD_MethodHandle, "invokeExact", describe(step.type));
    }
  }

  private void constructor(ClassBuilder out) {
    Generated.method(
        out,
        ConstantDescs.INIT_NAME,
        MethodTypeDesc.of(ConstantDescs.CD_void, CD_Object, CD_long),
        code ->
            code.aload(0)
                .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                .aload(0)
                .aload(code.parameterSlot(0))
                .putfield(owner, "call", CD_Object)
                .aload(0)
                .lload(code.parameterSlot(1))
                .putfield(owner, "timeout", CD_long)
                .return_());
  }

  private void identity(ClassBuilder out) {
    Generated.method(
        out,
        "toString",
        MethodTypeDesc.of(CD_String),
        code ->
            code.aload(0)
                .getfield(owner, "call", CD_Object)
                .invokevirtual(CD_Object, "toString", MethodTypeDesc.of(CD_String))
                .areturn());
    Generated.method(
        out,
        "hashCode",
        MethodTypeDesc.of(CD_int),
        code ->
            code.aload(0)
                .getfield(owner, "call", CD_Object)
                .invokevirtual(CD_Object, "hashCode", MethodTypeDesc.of(CD_int))
                .ireturn());
    Generated.method(
        out,
        "equals",
        MethodTypeDesc.of(CD_boolean, CD_Object),
        code -> {
          Label other = code.newLabel();
          code.aload(1).instanceOf(owner).ifeq(other);
          code.aload(0).getfield(owner, "call", CD_Object);
          code.aload(1).checkcast(owner).getfield(owner, "call", CD_Object);
          code.invokevirtual(CD_Object, "equals", MethodTypeDesc.of(CD_boolean, CD_Object))
              .ireturn();
          code.labelBinding(other).iconst_0().ireturn();
        });
  }
}
