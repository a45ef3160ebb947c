package peers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** {@code POST /empty} and {@code POST /count/KEY}, answered on a virtual thread each, as turns may block. */
public final class JettyServer {
  private static final String COUNT = "/count/";
  private static final ConcurrentHashMap<String, Long> NUMBERS = new ConcurrentHashMap<>();

  private JettyServer() {}

  public static void main(String[] args) throws Exception {
    QueuedThreadPool threads = new QueuedThreadPool(64);
    threads.setVirtualThreadsExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("jetty-", 0).factory()));
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            String path = Request.getPathInContext(request);
            // Read whole and blocking, as Limpet's handler does.
            ByteBuffer unused = Content.Source.asByteBuffer(request);
            String answer =
                path.startsWith(COUNT)
                    ? Long.toString(NUMBERS.merge(path.substring(COUNT.length()), 1L, Long::sum))
                    : "1";
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            byte[] body = answer.getBytes(StandardCharsets.US_ASCII);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
            response.write(true, ByteBuffer.wrap(body), callback);
            return true;
          }
        });
    server.start();
    System.out.println("SERVING " + connector.getLocalPort());
    while (System.in.read() >= 0) {
      continue; // lives until its input ends
    }
    server.stop();
  }
}
