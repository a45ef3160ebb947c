package dev.limpet.core.tidy;

import dev.limpet.core.tidy.TidyRule.Offence;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every error code of the sources has a page {@code docs/errors/CODE.md}, and every page a code. */
final class ErrorPages {
  static final String FOLDER = "docs/errors/";
  private static final Pattern CODE = Pattern.compile("\\bLMP-[0-9A-Z]+\\b");
  private static final Pattern PAGE = Pattern.compile("docs/errors/(LMP-[0-9A-Z]+)\\.md");

  private ErrorPages() {}

  static List<Offence> offences(List<TextFile> files) {
    var codes = new TreeMap<String, String>();
    var pages = new TreeSet<String>();
    for (TextFile file : files) {
      Matcher page = PAGE.matcher(file.path());
      if (page.matches()) {
        pages.add(page.group(1));
      } else if (file.isJava() && file.isMain()) {
        for (String line : file.lines()) {
          CODE.matcher(line)
              .results()
              .forEach(code -> codes.putIfAbsent(code.group(), file.path()));
        }
      }
    }
    var found = new ArrayList<Offence>();
    codes.forEach((code, path) -> {
      if (!pages.contains(code)) {
        found.add(
            new Offence(
                "error-page", path, code + " (" + path + ") has no page " + FOLDER + code + ".md"));
      }
    });
    for (String page : pages) {
      if (!codes.containsKey(page)) {
        String path = FOLDER + page + ".md";
        found.add(
            new Offence(
                "error-page", path, path + " is about a code that no source has: remove it"));
      }
    }
    return found;
  }
}
