package dev.limpet.transport;

import static dev.limpet.mutant.Mutant.transport;

import dev.limpet.mutant.Mutant;
import dev.limpet.mutant.MutantsTest;
import dev.limpet.mutant.TestTrial;
import java.util.List;
import java.util.regex.Pattern;

/** The tests of the transport find what would let a request, or an answer, wait for one that has nothing to do with it. */
class TransportMutantTest extends MutantsTest {
  private static final String RELAY = "dev.limpet.transport.RelayTest";
  private static final String WRITER = "dev.limpet.transport.FrameWriterTest";

  @Override
  protected List<Mutant> mutants() {
    return List.of(
        new Mutant(
            "a writer stops although frames were left to it",
            "P4",
            List.of(transport("FrameWriter.java", "written < due", "false")),
            TestTrial.of(WRITER + "#whatIsFlushedWhileSomebodyWrites_isWrittenByThem"),
            Pattern.compile("whatIsFlushed")),
        new Mutant(
            "what was promised to be flushed is left to nobody",
            "P4",
            List.of(
                transport("FrameWriter.java", "due = appended;\n      to = wire;", "to = wire;")),
            TestTrial.of(WRITER + "#whatIsFlushedWhileSomebodyWrites_isWrittenByThem"),
            Pattern.compile("whatIsFlushed")),
        new Mutant(
            "a request that blocks holds up those behind it",
            "P4",
            List.of(transport("Relay.java", "i + 1 < requests.length && ", "false && ")),
            TestTrial.of(RELAY + "#requestsThatBlock_holdUpNoneBehindThem"),
            Pattern.compile("requestsThatBlock")),
        new Mutant(
            "an answer waits for a later request that blocks",
            "P4",
            List.of(
                transport(
                    "Relay.java",
                    "      connection.flush();\n    }",
                    "      if (i >= requests.length) {\n return;\n }\n }")),
            TestTrial.of(RELAY + "#answerGivenByARunnerThatThenBlocks_isWritten"),
            Pattern.compile("answerGivenBy")),
        new Mutant(
            "an interrupt is left to the next request",
            "P4",
            List.of(transport("Inbound.java", "boolean unused = Thread.interrupted();", "")),
            TestTrial.of(RELAY + "#interruptThatARequestLeavesBehind_isNotSeenByTheNext"),
            Pattern.compile("interruptThat")));
  }
}
