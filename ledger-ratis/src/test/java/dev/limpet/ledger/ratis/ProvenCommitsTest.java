package dev.limpet.ledger.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.junit.jupiter.api.Test;

/** Which of a leader's commits a follower learns from which messages. */
class ProvenCommitsTest {
  private static AppendEntriesRequestProto.Builder message(int entries, long leaderCommit) {
    AppendEntriesRequestProto.Builder message =
        AppendEntriesRequestProto.newBuilder().setLeaderTerm(9).setLeaderCommit(leaderCommit);
    for (int i = 0; i < entries; i++) {
      message.addEntries(LogEntryProto.newBuilder().setTerm(7).setIndex(i));
    }
    return message;
  }

  private static long learned(AppendEntriesRequestProto.Builder message) {
    AppendEntriesRequestProto sent = message.build();
    AppendEntriesRequestProto taken = ProvenCommits.proven(sent);
    assertThat(taken.toBuilder().setLeaderCommit(0).build())
        .isEqualTo(sent.toBuilder().setLeaderCommit(0).build());
    return taken.getLeaderCommit();
  }

  @Test
  void heartbeatThatNamesNoEntry_provesNone() {
    assertThat(learned(message(0, 0))).isEqualTo(-1);
    assertThat(learned(message(0, 17))).isEqualTo(-1);
    assertThat(learned(message(0, -1))).isEqualTo(-1);
  }

  @Test
  void entriesFromTheFirstOn_proveThemselves() {
    assertThat(learned(message(1, 17))).isEqualTo(0);
    assertThat(learned(message(3, 17))).isEqualTo(2);
    assertThat(learned(message(3, 1))).isEqualTo(1);
  }

  @Test
  void messageThatNamesThePreviousEntry_isAsItWas() {
    TermIndexProto previous = TermIndexProto.newBuilder().setTerm(7).setIndex(0).build();
    assertThat(learned(message(0, 17).setPreviousLog(previous))).isEqualTo(17);
    assertThat(learned(message(0, 0).setPreviousLog(previous))).isEqualTo(0);
  }
}
