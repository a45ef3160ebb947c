package dev.limpet.edge;

import dev.limpet.ErrorCode;
import io.helidon.http.HeaderNames;
import java.util.function.Supplier;

/** Which HTTP method a path takes. */
final class Methods {
  private Methods() {}

  /** The answer, if the request came with that method; 405 otherwise. What takes GET takes HEAD. */
  static Reply only(Request request, String method, Supplier<Reply> answer) {
    String got = request.method();
    if (got.equals(method) || (method.equals("GET") && got.equals("HEAD"))) {
      return answer.get();
    }
    return refused(method.equals("GET") ? "GET, HEAD" : method);
  }

  static Reply refused(String method) {
    return Reply.problem(Problem.of(ErrorCode.UNSUPPORTED_METHOD, "this path takes " + method))
        .with(HeaderNames.ALLOW, method);
  }
}
