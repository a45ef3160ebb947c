package dev.limpet.cli.bench.growth;

import dev.limpet.cli.bench.growth.Curve.Point;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws calls a second over something as a picture in SVG; up it is logarithmic. */
final class LogPlot {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 320;
  private static final int LEFT = 64;
  private static final int RIGHT = 90;
  private static final int TOP = 18;
  private static final int BOTTOM = 44;
  private static final List<String> COLOURS = List.of("#0b62a4", "#b35c00", "#176b2c", "#8a1c7c");

  private final boolean logarithmic;
  private final double leftmost;
  private final double rightmost;
  private final double lowest;
  private final double highest;

  private LogPlot(boolean logarithmic, Collection<List<Point>> lines) {
    this.logarithmic = logarithmic;
    List<Point> all = lines.stream().flatMap(List::stream).toList();
    leftmost = all.stream().mapToDouble(Point::at).min().orElse(1);
    rightmost = all.stream().mapToDouble(Point::at).max().orElse(1);
    lowest = decade(all.stream().mapToDouble(Point::rate).min().orElse(1), false);
    highest = decade(all.stream().mapToDouble(Point::rate).max().orElse(10), true);
  }

  /**
   * A whole picture.
   *
   * @param lines by name, each from left to right; those without points are left out
   */
  static String of(Curve curve, Map<String, List<Point>> lines) {
    return new LogPlot(curve.logarithmic(), lines.values()).drawn(curve.grows(), lines);
  }

  private String drawn(String grows, Map<String, List<Point>> lines) {
    StringBuilder out = new StringBuilder();
    out.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="system-ui,sans-serif" font-size="12">
        <title>Calls a second over %s</title>
        <rect width="100%%" height="100%%" fill="#fff"/>
        """
            .formatted(WIDTH, HEIGHT, grows));
    for (double rate = lowest; rate <= highest * 1.001; rate *= 10) {
      out.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" fill=\"#555\" text-anchor=\"end\">%s</text>%n",
              LEFT,
              y(rate),
              WIDTH - RIGHT,
              LEFT - 6,
              y(rate) + 4,
              shortly(rate)));
    }
    lines.values().stream()
        .flatMap(List::stream)
        .mapToDouble(Point::at)
        .distinct()
        .forEach(at ->
            out.append(
                String.format(
                    Locale.ROOT,
                    "<text x=\"%.1f\" y=\"%d\" fill=\"#555\" text-anchor=\"middle\">%s</text>%n",
                    x(at),
                    HEIGHT - BOTTOM + 18,
                    shortly(at))));
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" fill=\"#333\" text-anchor=\"middle\">%s</text>%n",
            (LEFT + WIDTH - RIGHT) / 2,
            HEIGHT - 8,
            grows));
    out.append(String.format(Locale.ROOT, "<text x=\"4\" y=\"12\" fill=\"#333\">calls/s</text>%n"));
    int colour = 0;
    for (Map.Entry<String, List<Point>> line : lines.entrySet()) {
      if (!line.getValue().isEmpty()) {
        line(out, line.getKey(), line.getValue(), COLOURS.get(colour % COLOURS.size()));
      }
      colour++;
    }
    return out.append("</svg>\n").toString();
  }

  private void line(StringBuilder out, String name, List<Point> points, String colour) {
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(
          String.format(
              Locale.ROOT,
              "%s%.1f %.1f",
              path.isEmpty() ? "M" : "L",
              x(point.at()),
              y(point.rate())));
      out.append(
          String.format(
              Locale.ROOT,
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n",
              x(point.at()),
              y(point.rate()),
              colour));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
            path,
            colour));
    Point last = points.getLast();
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>%n",
            x(last.at()) + 8,
            y(last.rate()) + 4,
            colour,
            name));
  }

  private double x(double at) {
    double share =
        rightmost == leftmost
            ? 0.5
            : logarithmic
                ? Math.log(at / leftmost) / Math.log(rightmost / leftmost)
                : (at - leftmost) / (rightmost - leftmost);
    return LEFT + 12 + share * (WIDTH - LEFT - RIGHT - 24);
  }

  private double y(double rate) {
    double share = Math.log(rate / lowest) / Math.log(highest / lowest);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  }

  /** The power of ten at or below, or the one above. */
  private static double decade(double rate, boolean above) {
    double exponent = Math.floor(Math.log10(Math.max(rate, 1)));
    return Math.pow(10, above ? exponent + 1 : exponent);
  }

  /** Like 20, 4k, 1M. */
  static String shortly(double number) {
    return number >= 1_000_000
        ? plain(number / 1_000_000) + "M"
        : number >= 1_000 ? plain(number / 1_000) + "k" : plain(number);
  }

  private static String plain(double number) {
    return number == Math.rint(number)
        ? Long.toString((long) number)
        : String.format(Locale.ROOT, "%.1f", number);
  }
}
