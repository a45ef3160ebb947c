package dev.limpet.cli.chaos;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The report as one HTML page without anything from elsewhere: verdict, pictures over time, tables. */
final class ReportPage {
  private static final int WIDTH = 1_080;
  private static final int HEIGHT = 190;
  private static final int LEFT = 60;
  private static final int BOTTOM = 22;
  private static final double MILLIS_LEAST = 0.1;
  private static final int FINDINGS_MAX = 200;
  private static final String STYLE =
      """
      body{font:14px/1.45 system-ui,sans-serif;max-width:1120px;margin:24px auto;color:#222}
      h1{font-size:22px;margin:0}h2{font-size:16px;margin:22px 0 6px}
      table{border-collapse:collapse}td,th{padding:2px 12px 2px 0;text-align:left;vertical-align:top}
      td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}tr+tr td{border-top:1px solid #ddd}
      .good{color:#176b2c}.bad{color:#b00020}svg text{font:11px system-ui,sans-serif;fill:#555}
      .fault{fill:#e8a33d;opacity:.28}.healing{fill:#7aa7d9;opacity:.22}.axis{stroke:#ccc}
      .done{fill:none;stroke:#176b2c}.half{fill:none;stroke:#1f5fae}.most{fill:none;stroke:#b00020;opacity:.75}
      .refused{fill:#e8a33d}.unknown{fill:#b00020}
      """;

  private final ChaosReport report;
  private final StringBuilder out = new StringBuilder(1 << 16);
  private final List<Second> seconds;

  /** What was answered within one second. */
  private record Second(
      double perSecond, double halfMillis, double mostMillis, long refused, long unknown) {}

  private ReportPage(ChaosReport report) {
    this.report = report;
    this.seconds = seconds(report.operations());
  }

  static String of(ChaosReport report) {
    return new ReportPage(report).page();
  }

  private String page() {
    out.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Chaos, seed ")
        .append(report.seed())
        .append("</title><style>")
        .append(STYLE)
        .append("</style>\n<h1>Chaos, seed ")
        .append(report.seed())
        .append("</h1>\n<p class=\"")
        .append(report.passed() ? "good" : "bad")
        .append("\"><b>")
        .append(escape(report.verdict()))
        .append("</b></p>\n<p>");
    out.append(
        escape(
            String.format(
                Locale.ROOT,
                "%d nodes, each a JVM of its own, %s; %.1f minutes; %,d calls, %,d of them answered,"
                    + " %,d of unknown outcome.",
                report.nodes(),
                report.networked()
                    ? "in a network namespace"
                    : "on loopback, where the network stays good",
                report.minutes(),
                report.operations().size(),
                report.done(),
                report.unknown())));
    if (report.stalledNanos() > 0) {
      out.append(
          String.format(
              Locale.ROOT,
              " This machine stood still for %.1f s, which is left out of all deadlines and gaps.",
              report.stalledNanos() / 1e9));
    }
    out.append("</p>\n");
    findings();
    latency();
    calls();
    sums();
    incidents();
    return out.append("</html>\n").toString();
  }

  private void findings() {
    if (!report.findings().isEmpty()) {
      out.append("<h2>Findings</h2>\n<ul class=\"bad\">");
      report.findings().stream()
          .limit(FINDINGS_MAX)
          .forEach(finding -> out.append("<li>").append(escape(finding)).append("</li>\n"));
      out.append("</ul>\n");
    }
  }

  private void latency() {
    out.append(
            "<h2>How long calls took</h2>\n<p>Blue: half of the calls of a second; red: the longest.")
        .append(" Yellow: a fault; light blue: until all was well again.</p>\n");
    begin();
    for (double millis = 1; millis <= 10_000; millis *= 10) {
      label(
          logarithmic(millis), millis < 1_000 ? (int) millis + " ms" : (int) millis / 1_000 + " s");
    }
    line("half", second -> logarithmic(second.halfMillis));
    line("most", second -> logarithmic(second.mostMillis));
    end();
  }

  private void calls() {
    double top = Math.max(1, seconds.stream().mapToDouble(Second::perSecond).max().orElse(1));
    out.append("<h2>Calls a second</h2>\n<p>Green: answered; yellow: refused, certainly not run;")
        .append(" red: of unknown outcome.</p>\n");
    begin();
    label(1, String.format(Locale.ROOT, "%.0f", top));
    label(0.5, String.format(Locale.ROOT, "%.0f", top / 2));
    double wide = plotWidth() / Math.max(1, seconds.size());
    for (int i = 0; i < seconds.size(); i++) {
      double refused = Math.min(1, seconds.get(i).refused / top);
      double unknown = Math.min(1 - refused, seconds.get(i).unknown / top);
      bar("refused", i * wide, wide, 0, refused);
      bar("unknown", i * wide, wide, refused, unknown);
    }
    line("done", second -> second.perSecond / top);
    end();
  }

  private void begin() {
    out.append(
        "<svg viewBox=\"0 0 %d %d\" width=\"100%%\" role=\"img\">\n".formatted(WIDTH, HEIGHT));
    double all = Math.max(1, seconds.size());
    for (Incident incident : report.incidents()) {
      band("fault", incident.beganNanos(), incident.healedNanos(), all, incident);
      band("healing", incident.healedNanos(), incident.endNanos(), all, incident);
    }
  }

  private void band(String style, long fromNanos, long toNanos, double all, Incident incident) {
    double x = LEFT + plotWidth() * fromNanos / 1e9 / all;
    double wide = Math.max(1, plotWidth() * (toNanos - fromNanos) / 1e9 / all);
    out.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"><title>%s</title></rect>\n",
            style,
            x,
            wide,
            HEIGHT - BOTTOM,
            escape(String.join("; ", incident.what()))));
  }

  private void bar(String style, double x, double wide, double from, double share) {
    if (share > 0) {
      out.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
              style,
              LEFT + x,
              y(from + share),
              wide,
              y(from) - y(from + share)));
    }
  }

  private void label(double share, String text) {
    out.append(
        String.format(
            Locale.ROOT,
            "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/><text x=\"2\" y=\"%.1f\">%s</text>\n",
            LEFT,
            WIDTH,
            y(share),
            y(share),
            Math.max(10, y(share) + 4),
            escape(text)));
  }

  private void line(String style, ToDoubleFunction<Second> share) {
    StringBuilder points = new StringBuilder();
    double wide = plotWidth() / Math.max(1, seconds.size());
    for (int i = 0; i < seconds.size(); i++) {
      points.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.1f ",
              LEFT + (i + 0.5) * wide,
              y(Math.clamp(share.applyAsDouble(seconds.get(i)), 0, 1))));
    }
    out.append("<polyline class=\"%s\" points=\"%s\"/>\n".formatted(style, points));
  }

  private void end() {
    int all = Math.max(1, seconds.size());
    int step = Math.max(1, all / 10);
    for (int second = 0; second <= all; second += step) {
      out.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\">%d s</text>",
              LEFT + plotWidth() * second / all,
              HEIGHT - 6,
              second));
    }
    out.append("</svg>\n");
  }

  private static double plotWidth() {
    return WIDTH - LEFT;
  }

  private static double y(double share) {
    return (HEIGHT - BOTTOM) * (1 - share);
  }

  /** From 0 for a tenth of a millisecond to 1 for ten seconds. */
  private static double logarithmic(double millis) {
    return Math.clamp(Math.log10(Math.max(millis, MILLIS_LEAST) / MILLIS_LEAST) / 5, 0, 1);
  }

  private void sums() {
    out.append(
            "<h2>Faults</h2>\n<p>Gap: the longest time without an answer of any process that was called all the time.")
        .append(
            " Keys, nodes: how long after the end of the fault every one of these was reached, and"
                + " every node served.</p>\n")
        .append(
            "<table><tr><th>fault</th><th class=n>count</th><th class=n>longest gap</th><th class=n>keys after</th>")
        .append(
            "<th class=n>nodes after</th><th class=n>refused</th><th class=n>unknown</th></tr>\n");
    for (ChaosReport.Sum sum : report.sums()) {
      row(
          sum.name(),
          Integer.toString(sum.count()),
          ChaosReport.seconds(sum.longestGap()),
          ChaosReport.seconds(sum.longestToKeys()),
          ChaosReport.seconds(sum.longestToNodes()),
          Long.toString(sum.notRun()),
          Long.toString(sum.unknown()));
    }
    out.append("</table>\n");
  }

  private void incidents() {
    out.append(
            "<h2>One by one</h2>\n<table><tr><th>what</th><th class=n>began</th><th class=n>lasted</th>")
        .append(
            "<th class=n>gap</th><th class=n>keys after</th><th class=n>nodes after</th></tr>\n");
    for (Incident incident : report.incidents()) {
      row(
          String.join("; ", incident.what()),
          seconds(incident.beganNanos()),
          seconds(incident.healedNanos() - incident.beganNanos()),
          seconds(incident.longestGapNanos()),
          after(incident, incident.keysNanos()),
          after(incident, incident.nodesNanos()));
    }
    out.append("</table>\n");
  }

  private static String after(Incident incident, @Nullable Long nanos) {
    return nanos == null ? "never" : seconds(nanos - incident.healedNanos());
  }

  private static String seconds(long nanos) {
    return ChaosReport.seconds(nanos / 1e9);
  }

  private void row(String name, String... numbers) {
    out.append("<tr><td>").append(escape(name)).append("</td>");
    for (String number : numbers) {
      out.append("<td class=n>").append(escape(number)).append("</td>");
    }
    out.append("</tr>\n");
  }

  private static List<Second> seconds(List<Operation> operations) {
    List<List<Operation>> bySecond = new ArrayList<>();
    for (Operation operation : operations) {
      int second = (int) (operation.returnedNanos() / 1_000_000_000L);
      while (bySecond.size() <= second) {
        bySecond.add(new ArrayList<>());
      }
      bySecond.get(second).add(operation);
    }
    return bySecond.stream().map(ReportPage::second).toList();
  }

  private static Second second(List<Operation> operations) {
    double[] millis =
        operations.stream()
            .filter(Operation::done)
            .mapToDouble(each -> (each.returnedNanos() - each.invokedNanos()) / 1e6)
            .toArray();
    Arrays.sort(millis);
    return new Second(
        millis.length,
        millis.length == 0 ? 0 : millis[millis.length / 2],
        millis.length == 0 ? 0 : millis[millis.length - 1],
        operations.stream().filter(each -> each.outcome() == Operation.Outcome.NOT_RUN).count(),
        operations.stream().filter(each -> each.outcome() == Operation.Outcome.UNKNOWN).count());
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
