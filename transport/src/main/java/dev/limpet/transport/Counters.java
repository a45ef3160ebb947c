package dev.limpet.transport;

import java.util.concurrent.atomic.LongAdder;

/** The running counts behind {@link TransportStats}. */
final class Counters {
  final LongAdder framesIn = new LongAdder();
  final LongAdder framesOut = new LongAdder();
  final LongAdder bytesIn = new LongAdder();
  final LongAdder bytesOut = new LongAdder();
  final LongAdder connects = new LongAdder();
  final LongAdder accepts = new LongAdder();
  final LongAdder connectFailures = new LongAdder();
  final LongAdder refusals = new LongAdder();
  final LongAdder hostile = new LongAdder();
  final LongAdder tlsRefusals = new LongAdder();
  final LongAdder busy = new LongAdder();
  final LongAdder deadlines = new LongAdder();
  final LongAdder lateReplies = new LongAdder();
  final LongAdder stalls = new LongAdder();
  final LongAdder splices = new LongAdder();

  TransportStats read() {
    return new TransportStats(
        framesIn.sum(),
        framesOut.sum(),
        bytesIn.sum(),
        bytesOut.sum(),
        connects.sum(),
        accepts.sum(),
        connectFailures.sum(),
        refusals.sum(),
        hostile.sum(),
        tlsRefusals.sum(),
        busy.sum(),
        deadlines.sum(),
        lateReplies.sum(),
        stalls.sum(),
        splices.sum());
  }
}
