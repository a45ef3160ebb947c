package dev.limpet.core.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Something that no line of certain files may contain. The patterns are written so that they do not match themselves.
 *
 * @param name what the list of exceptions calls the rule
 * @param files the files it looks at
 * @param forbidden found in a line, it is an offence
 * @param because what to do instead, and why
 */
record TidyRule(String name, Predicate<TextFile> files, Pattern forbidden, String because) {
  private static final int JAVA_LINES_MAX = 600;

  static final List<TidyRule> LINE_RULES =
      List.of(
          rule("tab", file -> true, "\\t", "indent with spaces"),
          rule(
              "machine-path",
              file -> !file.path().equals("limpet"),
              "(?<![\\w./-])(/home/\\w+/|/Users/\\w+/|/roo[t]/|/wor[k]/|/usr/lib/j[v]m/\\w)|C:\\\\Use[r]s",
              "the path exists on one machine only: find it at run time, or take it as an option"),
          rule(
              "test-jar",
              file -> file.path().endsWith("pom.xml"),
              "test-[j]ar",
              "the launcher builds without tests, so there is none: make a module of it"),
          rule(
              "registry-host",
              file -> true,
              "repo1?\\.mav[e]n|mav[e]n\\.org/maven2|registry\\.npm[j]s|npm[j]s\\.org|pyp[i]\\.org|deb\\.debi[a]n\\.org|proxy\\.golan[g]",
              "where packages come from is the business of each machine's settings"),
          rule(
              "sleep",
              file -> file.isJava() && file.isTest(),
              "\\bThread\\.sle[e]p\\b|\\bTimeUnit\\.\\w+\\.sle[e]p\\b",
              "wait for the event itself: a latch, a future, a transition; a sleep is too short on one machine and too"
                  + " long on all others"),
          rule(
              "skipped-test",
              file -> file.isJava() && (file.isTest() || file.path().startsWith("store-contract/")),
              "@Disab[l]ed|@Ignor[e]\\b|@Enabled(If|On|For)\\w*|\\bassum(e(True|False|That)|ingThat)\\b|TestAbort[e]d",
              "a test that does not run proves nothing: mend it or delete it"),
          rule(
              "java-serialization",
              file -> file.isJava() && (file.isMain() || file.isTest()),
              "^(?!\\s*(\\*|//|/\\*)).*\\bObject(In|Out)put(Stre[a]m|Filt[e]r)\\b",
              "decoding with Java serialization runs what the sender chooses: use the codec of values/"),
          rule(
              "lock-in-core",
              file -> file.isJava() && file.path().startsWith("core/src/main/"),
              "^(?!\\s*(\\*|//|/\\*)).*\\bsynchroni[z]ed\\b",
              "a state machine of the core has one caller at a time; the node sees to that"),
          rule(
              "print-in-library",
              file ->
                  file.isJava()
                      && file.isMain()
                      && !file.path().matches("(cli|examples|bench|sim)/.*"),
              "^(?!\\s*(\\*|//|/\\*)).*\\bSystem\\.(o[u]t|e[r]r)\\b",
              "a library logs with System.Logger"));

  private static TidyRule rule(
      String name, Predicate<TextFile> files, String forbidden, String because) {
    return new TidyRule(name, files, Pattern.compile(forbidden), because);
  }

  /** What breaks the rule in this file, one line of text for each offence. */
  List<Offence> offences(TextFile file) {
    var found = new ArrayList<Offence>();
    if (files.test(file)) {
      for (int i = 0; i < file.lines().size(); i++) {
        if (forbidden.matcher(file.lines().get(i)).find()) {
          found.add(
              new Offence(
                  name, file.path(), file.path() + ":" + (i + 1) + " " + name + ": " + because));
        }
      }
    }
    return found;
  }

  /** A Java file that is too long to be about one idea. */
  static List<Offence> tooLong(TextFile file) {
    if (!file.isJava() || file.lines().size() <= JAVA_LINES_MAX) {
      return List.of();
    }
    String text =
        "%s long-file: %d lines, more than %d: look for the second idea inside it"
            .formatted(file.path(), file.lines().size(), JAVA_LINES_MAX);
    return List.of(new Offence("long-file", file.path(), text));
  }

  /** One breach of one rule. */
  record Offence(String rule, String path, String text) {}
}
