package dev.limpet.cli.bench.growth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limpet.cli.bench.growth.Curve.Point;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class LogPlotTest {
  private static final Curve KEYS = new Curve("keys", "processes", true, List.of());

  private static List<Element> circles(String picture) throws Exception {
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(picture)));
    NodeList found = document.getElementsByTagName("circle");
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  @Test
  void picture_isXml_andStepsOfTheSameFactorAreEquallyFarApart() throws Exception {
    Map<String, List<Point>> lines = new TreeMap<>();
    lines.put(
        "local", List.of(new Point(10, 1e6, 1), new Point(100, 1e5, 1), new Point(1_000, 1e4, 1)));
    lines.put("none", List.of());
    List<Element> circles = circles(LogPlot.of(KEYS, lines));
    assertThat(circles).hasSize(3);
    assertThat(number(circles.get(1), "cx") - number(circles.get(0), "cx"))
        .isPositive()
        .isEqualTo(number(circles.get(2), "cx") - number(circles.get(1), "cx"));
    assertThat(number(circles.get(1), "cy") - number(circles.get(0), "cy"))
        .isPositive()
        .isCloseTo(number(circles.get(2), "cy") - number(circles.get(1), "cy"), within(0.2));
  }

  @Test
  void onePoint_isDrawnToo() throws Exception {
    assertThat(circles(LogPlot.of(KEYS, Map.of("local", List.of(new Point(1, 5, 1)))))).hasSize(1);
  }

  @Test
  void lineOfAResult_isAPoint_andNoOther() {
    String line = "RESULT case=local rate=4400000/s p50=0.2us p99=12.5us p99.9=30.0us one-rate=9/s";
    assertThat(Growth.point(1_000, line)).isEqualTo(new Point(1_000, 4_400_000, 12.5));
    assertThat(Growth.point(1_000, "warming up, rate=1/s p99=1us")).isNull();
  }

  @Test
  void numbers_areShort() {
    assertThat(LogPlot.shortly(64)).isEqualTo("64");
    assertThat(LogPlot.shortly(1_000)).isEqualTo("1k");
    assertThat(LogPlot.shortly(4_096)).isEqualTo("4.1k");
    assertThat(LogPlot.shortly(10_000_000)).isEqualTo("10M");
  }
}
