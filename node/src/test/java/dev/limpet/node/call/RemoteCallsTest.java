package dev.limpet.node.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.limpet.core.ledger.Member;
import dev.limpet.core.ledger.Placement;
import dev.limpet.node.cluster.Addresses;
import dev.limpet.node.cluster.Hello;
import dev.limpet.transport.Handler;
import dev.limpet.transport.Inbound;
import dev.limpet.transport.Transport;
import dev.limpet.transport.TransportConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of calls to a node that ceases to be a member while they are under way. */
@Timeout(60)
class RemoteCallsTest {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(50);

  private final BlockingQueue<Inbound> asked = new LinkedBlockingQueue<>();
  private Transport home;
  private Transport caller;
  private RemoteCalls calls;
  private Member member;

  @BeforeEach
  void bind() throws IOException {
    home = bind("n1", asked::add);
    caller = bind("n2", in -> in.fail("not asked"));
    calls = new RemoteCalls(caller);
    member = new Member("n1", 11, "boot", "storage", "127.0.0.1:" + home.port(), "", 0);
  }

  @AfterEach
  void close() {
    caller.close();
    home.close();
  }

  private static Transport bind(String name, Handler handler) throws IOException {
    return Transport.bind(
        TransportConfig.on(Addresses.parse("127.0.0.1:0")),
        new Hello("calls", name).greeting(),
        handler,
        lost -> {});
  }

  private static Placement view(Map<Long, Member> members, Set<String> drained) {
    return new Placement(99, "c", new byte[16], "", members, List.of(), drained);
  }

  private <T> FutureTask<T> start(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread unused = Thread.startVirtualThread(task);
    return task;
  }

  private Reply call() throws RemoteCalls.Lost {
    long now = System.nanoTime();
    return calls.call(member, new byte[] {1}, now + DEADLINE_NANOS, now);
  }

  @Test
  void homeThatWasDrained_andHasLeft_stillAnswersWhatItWasAsked() throws Exception {
    calls.placed(view(Map.of(11L, member), Set.of("n1")));
    FutureTask<Reply> call = start(this::call);
    Inbound request = asked.take();
    calls.placed(view(Map.of(), Set.of("n1")));
    assertThat(request.reply(new Reply.Moved(7).encode())).isTrue();
    assertThat(call.get()).isEqualTo(new Reply.Moved(7));
  }

  @Test
  void homeThatHasExpired_isNotAwaited_andTheCallMayHaveRun() throws Exception {
    calls.placed(view(Map.of(11L, member), Set.of()));
    FutureTask<Throwable> call = start(() -> catchThrowable(this::call));
    asked.take();
    calls.placed(view(Map.of(), Set.of()));
    assertThat(call.get())
        .isInstanceOfSatisfying(
            RemoteCalls.Lost.class,
            lost -> {
              assertThat(lost.mayHaveRun).isTrue();
              assertThat(lost.late).isFalse();
            });
  }

  @Test
  void homeThatWasDrained_andDoesNotAnswer_isGivenUpLongBeforeTheDeadline() throws Exception {
    calls.placed(view(Map.of(11L, member), Set.of("n1")));
    FutureTask<Throwable> call = start(() -> catchThrowable(this::call));
    asked.take();
    long began = System.nanoTime();
    calls.placed(view(Map.of(), Set.of("n1")));
    assertThat(call.get()).isInstanceOf(RemoteCalls.Lost.class);
    assertThat(System.nanoTime() - began).isLessThan(DEADLINE_NANOS / 2);
  }
}
