package dev.limpet.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** One command line, run in this JVM: what it printed where, and its exit code. */
public record Shell(int exitCode, String out, String err) {
  public static Shell run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Shell(code, out.toString(), err.toString());
  }
}
