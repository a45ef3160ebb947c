package dev.limpet.values;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/*
 * Two hidden classes for each interface, beside it in its package and class loader, so that it may be package-private
 * and may be unloaded. The stub (GeneratedStub) implements the interface; the dispatch class, here, is a BiFunction from
 * (process, arguments) to the result, one instance per method. Both speak only to java.base and to the interface's own
 * types.
 */
/** Writes the classes that turn arrays into calls, and what the writing of stubs shares with that. */
final class Generated {
  private static final ClassDesc BI_FUNCTION = ClassDesc.of("java.util.function.BiFunction");
  private static final MethodTypeDesc APPLY = MethodTypeDesc.of(CD_Object, CD_Object, CD_Object);

  /** One way in which a method is declared; an overridden generic method has several. */
  record Declared(int index, String name, MethodType type) {}

  private Generated() {}

  /** Makes the calls on processes, one for each method. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  static BiFunction<Object, @Nullable Object[], @Nullable Object>[] calls(
      Class<?> type, Lookup lookup, List<Declared> methods) {
    ClassDesc name = beside(type, "$$LimpetDispatch");
    byte[] code =
        ClassFile.of()
            .build(
                name,
                out -> {
                  out.withFlags(
                      ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC);
                  out.withInterfaceSymbols(BI_FUNCTION);
                  out.withField("call", CD_int, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL);
                  constructor(out, name, CD_int);
                  method(out, "apply", APPLY, c -> dispatchCode(c, name, describe(type), methods));
                });
    try {
      Class<?> hidden = lookup.defineHiddenClass(code, true).lookupClass();
      MethodHandle constructor =
          lookup
              .findConstructor(hidden, MethodType.methodType(void.class, int.class))
              .asType(MethodType.methodType(BiFunction.class, int.class));
      BiFunction<Object, @Nullable Object[], @Nullable Object>[] calls =
          new BiFunction[methods.size()];
      for (int i = 0; i < calls.length; i++) {
        calls[i] = (BiFunction<Object, @Nullable Object[], @Nullable Object>) constructor.invoke(i);
      }
      return calls;
    } catch (ReflectiveOperationException | LinkageError e) {
      throw failed(type, e);
    } catch (Throwable e) {
      throw new IllegalStateException(
          "the dispatch class of " + type.getName() + " has no working constructor", e);
    }
  }

  private static void dispatchCode(
      CodeBuilder code, ClassDesc owner, ClassDesc target, List<Declared> methods) {
    Label none = code.newLabel();
    List<SwitchCase> cases = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      cases.add(SwitchCase.of(i, code.newLabel()));
    }
    code.aload(0).getfield(owner, "call", CD_int);
    if (cases.isEmpty()) {
      code.pop();
    } else {
      code.tableswitch(0, cases.size() - 1, none, cases);
    }
    for (Declared each : methods) {
      code.labelBinding(cases.get(each.index()).target());
      code.aload(1).checkcast(target);
      for (int i = 0; i < each.type().parameterCount(); i++) {
        code.aload(2).checkcast(CD_Object.arrayType()).loadConstant(i).aaload();
        unbox(code, each.type().parameterType(i));
      }
      code.invokeinterface(target, each.name(), describe(each.type()));
      if (each.type().returnType() == void.class) {
        code.aconst_null();
      } else {
        box(code, each.type().returnType());
      }
      code.areturn();
    }
    code.labelBinding(none).aconst_null().areturn();
  }

  static void constructor(ClassBuilder out, ClassDesc owner, ClassDesc field) {
    method(
        out,
        ConstantDescs.INIT_NAME,
        MethodTypeDesc.of(CD_void, field),
        code -> {
          code.aload(0).invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void);
          code.aload(0).loadLocal(TypeKind.from(field), 1).putfield(owner, "call", field).return_();
        });
  }

  static void method(
      ClassBuilder out, String name, MethodTypeDesc type, Consumer<CodeBuilder> code) {
    out.withMethodBody(name, type, ClassFile.ACC_PUBLIC, code);
  }

  static void box(CodeBuilder code, Class<?> type) {
    if (type.isPrimitive()) {
      ClassDesc box = describe(MethodType.methodType(type).wrap().returnType());
      code.invokestatic(box, "valueOf", MethodTypeDesc.of(box, describe(type)));
    }
  }

  static void unbox(CodeBuilder code, Class<?> type) {
    if (type.isPrimitive()) {
      ClassDesc box = describe(MethodType.methodType(type).wrap().returnType());
      code.checkcast(box)
          .invokevirtual(box, type.getName() + "Value", MethodTypeDesc.of(describe(type)));
    } else if (type != Object.class) {
      code.checkcast(describe(type));
    }
  }

  static ClassDesc beside(Class<?> type, String suffix) {
    return ClassDesc.of(type.getName() + suffix);
  }

  static ClassDesc describe(Class<?> type) {
    return ClassDesc.ofDescriptor(type.descriptorString());
  }

  static MethodTypeDesc describe(MethodType type) {
    return MethodTypeDesc.ofDescriptor(type.toMethodDescriptorString());
  }

  static StartFailed failed(Class<?> type, Throwable cause) {
    StartFailed failed =
        new StartFailed(
            ErrorCode.INVALID_INTERFACE,
            "no stub can be made for %s: %s".formatted(type.getName(), cause));
    failed.initCause(cause);
    return failed;
  }
}
