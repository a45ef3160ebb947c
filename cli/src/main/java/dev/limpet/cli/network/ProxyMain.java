package dev.limpet.cli.network;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The proxies of one node, as a program of their own in the node's network. Each argument is a way: {@code
 * NAME=HOST:PORT=HOST:PORT}, its name, where to listen, and where to go to. A line {@code NAME there|back STATE} on
 * standard input sets one of its links, {@code flipped} asks for the number of flipped bits; each line is answered by
 * one. It ends with standard input.
 */
final class ProxyMain {
  private ProxyMain() {}

  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Map<String, LinkProxy> ways = new HashMap<>();
    long seed = ProcessHandle.current().pid();
    for (String argument : args) {
      String[] way = argument.split("=", 3);
      ways.put(way[0], LinkProxy.start(address(way[1]), address(way[2]), seed++ << 32));
    }
    out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(answer(ways, line));
    }
    Runtime.getRuntime().halt(0);
  }

  private static String answer(Map<String, LinkProxy> ways, String line) {
    if (line.equals("flipped")) {
      return "ok " + ways.values().stream().mapToLong(LinkProxy::flipped).sum();
    }
    String[] words = line.split(" ", 3);
    LinkProxy way = ways.get(words[0]);
    if (way == null || words.length < 3) {
      return "there is no such way: " + line;
    }
    try {
      if (words[1].equals("there")) {
        way.setThere(LinkState.parse(words[2]));
      } else {
        way.setBack(LinkState.parse(words[2]));
      }
      return "ok";
    } catch (IOException | IllegalArgumentException e) {
      return line + ": " + e.getMessage();
    }
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }
}
