package dev.limpet.values;

import dev.limpet.ErrorCode;
import dev.limpet.StartFailed;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;

/** Lookups into the packages of applications, which may be hidden in a named module. */
final class Access {
  private static final Lookup OWN = MethodHandles.lookup();

  private Access() {}

  /** A lookup with the rights of that class, private ones included. */
  static Lookup in(Class<?> type) {
    Module ours = Access.class.getModule();
    Module theirs = type.getModule();
    ours.addReads(theirs);
    try {
      return MethodHandles.privateLookupIn(type, OWN);
    } catch (IllegalAccessException e) {
      String to = ours.isNamed() ? " to " + ours.getName() : "";
      StartFailed failed =
          new StartFailed(
              ErrorCode.INVALID_INTERFACE,
              "%s lies in the module %s, which does not open its package; add the line \"opens %s%s;\" to its module-info.java"
                  .formatted(type.getName(), theirs.getName(), type.getPackageName(), to));
      failed.initCause(e);
      throw failed;
    }
  }

  /**
   * A lookup that may define hidden classes beside that class. One that was given across modules or class loaders may
   * not, so a class is defined there whose only work is to make its own.
   */
  static Lookup full(Class<?> type) throws ReflectiveOperationException {
    Lookup lookup = in(type);
    if (lookup.hasFullPrivilegeAccess()) {
      return lookup;
    }
    MethodType toLookup = MethodType.methodType(Lookup.class);
    String name = type.getName() + "$$LimpetLookup";
    ClassDesc lookupDesc = ClassDesc.ofDescriptor(Lookup.class.descriptorString());
    MethodTypeDesc toLookupDesc = MethodTypeDesc.of(lookupDesc);
    byte[] code =
        ClassFile.of()
            .build(
                ClassDesc.of(name),
                out ->
                    out.withFlags(
                            ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                        .withMethodBody(
                            "lookup",
                            toLookupDesc,
                            ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC,
                            c ->
                                c.invokestatic(
                                        ClassDesc.ofDescriptor(
                                            MethodHandles.class.descriptorString()),
                                        "lookup",
                                        toLookupDesc)
                                    .areturn()));
    Class<?> beside;
    try {
      beside = lookup.defineClass(code);
    } catch (LinkageError e) {
      beside = lookup.findClass(name); // another thread was first
    }
    MethodHandle own =
        MethodHandles.privateLookupIn(beside, OWN).findStatic(beside, "lookup", toLookup);
    try {
      return (Lookup) own.invokeExact();
    } catch (Throwable e) {
      throw new IllegalAccessException("no lookup in " + name + ": " + e);
    }
  }
}
