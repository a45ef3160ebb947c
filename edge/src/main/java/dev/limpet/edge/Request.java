package dev.limpet.edge;

import dev.limpet.CallRefused;
import dev.limpet.ErrorCode;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A request as the routes see it: path segments that are decoded, single headers, a bounded body. */
final class Request {
  private final ServerRequest http;
  private final ConnectionGuard guard;
  private final int bodyBytesMax;
  private List<String> segments = List.of();
  private boolean bodyRead;
  private boolean broken;

  Request(ServerRequest http, ConnectionGuard guard, int bodyBytesMax) {
    this.http = http;
    this.guard = guard;
    this.bodyBytesMax = bodyBytesMax;
  }

  /** Refuses what no route may see: a path that cannot be read, a fragment, a request from a foreign web page. */
  void check() {
    if (http.prologue().fragment().hasValue()) {
      throw new CallRefused(
          ErrorCode.MALFORMED_REQUEST, "a request has no fragment; a # in a key is written %23");
    }
    for (Header header : http.headers()) {
      if (header.name().isEmpty()) {
        throw new CallRefused(ErrorCode.MALFORMED_REQUEST, "a header has no name");
      }
      for (String value : header.allValues()) {
        checkHeader(value);
      }
    }
    segments = PathSegments.of(http.prologue().uriPath().rawPath());
    refuseForeignPages();
  }

  private static void checkHeader(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        throw new CallRefused(
            ErrorCode.MALFORMED_REQUEST, "a header has a control character in its value");
      }
    }
  }

  String method() {
    return http.prologue().method().text();
  }

  List<String> segments() {
    return segments;
  }

  /** The only value of a header, null if there is none; refused if there are several. */
  @Nullable String header(HeaderName name) {
    List<String> values = http.headers().all(name, List::of);
    if (values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw new CallRefused(
          ErrorCode.MALFORMED_REQUEST,
          "the header " + name.defaultCase() + " is there more than once");
    }
    return values.getFirst();
  }

  /** A parameter of the query, null if there is none; refused if there are several. */
  @Nullable String query(String name) {
    try {
      UriQuery query = http.query();
      if (!query.contains(name)) {
        return null;
      }
      List<String> values = query.all(name);
      if (values.size() != 1) {
        throw new CallRefused(
            ErrorCode.INVALID_ARGUMENT, "give the query parameter " + name + " once");
      }
      return values.getFirst();
    } catch (IllegalArgumentException e) {
      throw new CallRefused(
          ErrorCode.INVALID_ARGUMENT, "the query cannot be decoded: " + e.getMessage());
    }
  }

  boolean accepts(String mediaType) {
    String accept = header(HeaderNames.ACCEPT);
    return accept != null && accept.toLowerCase(Locale.ROOT).contains(mediaType);
  }

  /**
   * The whole body.
   *
   * @throws CallRefused {@link ErrorCode#TOO_LARGE} beyond the bound
   */
  byte[] body() {
    if (!http.content().hasEntity()) {
      return new byte[0];
    }
    guard.readingBody();
    try {
      // not closed: closing it would read on, also where the framing is broken
      InputStream in = http.content().inputStream();
      long length = http.headers().contentLength().orElse(bodyBytesMax + 1L);
      byte[] body = in.readNBytes((int) Math.min(length, bodyBytesMax + 1L));
      if (body.length > bodyBytesMax) {
        throw new CallRefused(
            ErrorCode.TOO_LARGE, "the body is longer than " + bodyBytesMax + " bytes");
      }
      bodyRead = true;
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (CallRefused e) {
      throw e;
    } catch (RuntimeException e) {
      broken = true;
      Transport.rethrow(e);
      // a chunk size that is no number, for one, comes as whatever Java's parser throws
      throw new CallRefused(ErrorCode.MALFORMED_REQUEST, "the body's chunks cannot be read");
    } finally {
      guard.running();
    }
  }

  /** Whether bytes of this request may still come. */
  boolean bodyLeft() {
    return !bodyRead && http.content().hasEntity();
  }

  /** Whether the body's framing is broken, so that what follows on this connection means nothing. */
  boolean broken() {
    return broken;
  }

  /** Whether the client waits for a word before it sends the body. */
  boolean expectsContinue() {
    return http.headers().contains(HeaderNames.EXPECT);
  }

  boolean wantsClose() {
    return http.headers().contains(HeaderNames.CONNECTION)
        && http.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
  }

  /*
   * A page on any site can make a visitor's browser send a POST to 127.0.0.1. It cannot hide where it comes from: the
   * browser says so in Origin. Clients that are no browsers send none.
   */
  private void refuseForeignPages() {
    if (method().equals("GET") || method().equals("HEAD")) {
      return;
    }
    String origin = header(HeaderNames.ORIGIN);
    if (origin == null) {
      return;
    }
    int authority = origin.indexOf("://");
    String host = header(HeaderNames.HOST);
    if (authority < 0 || host == null || !origin.substring(authority + 3).equalsIgnoreCase(host)) {
      throw new CallRefused(
          ErrorCode.MALFORMED_REQUEST,
          "requests from web pages of another origin are refused; send no Origin header");
    }
  }
}
