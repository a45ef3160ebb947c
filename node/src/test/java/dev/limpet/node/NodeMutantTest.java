package dev.limpet.node;

import static dev.limpet.mutant.Mutant.node;

import dev.limpet.mutant.Mutant;
import dev.limpet.mutant.MutantsTest;
import dev.limpet.mutant.TestTrial;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the simulator has only a model of, the home with its threads, is broken one rule at a time; the tests of the node
 * find each.
 */
class NodeMutantTest extends MutantsTest {
  private static final String ACTIVATION = "home/Activation.java";
  private static final String COPY = "home/LiveCopy.java";
  private static final String OWNERSHIP = "home/Ownership.java";
  private static final String SHARDS = "home/LocalShards.java";
  private static final String SERVER = "call/CallServer.java";

  private final List<Mutant> all = new ArrayList<>();

  @Override
  protected List<Mutant> mutants() {
    if (all.isEmpty()) {
      nothingLeavesEarly();
      lostShardsAndLeases();
      commits();
      keys();
      freezes();
      memory();
      pins();
      lateCalls();
      pauses();
      locks();
      seats();
    }
    return all;
  }

  /** Found by that test, of which {@code CommitsTest#reply} stands for all that begin so. */
  private void add(String rule, String name, String test, Mutant.Edit... edits) {
    int hash = test.indexOf('#');
    all.add(
        new Mutant(
            name,
            rule,
            List.of(edits),
            TestTrial.of("dev.limpet.node." + test),
            Pattern.compile(test.substring(hash + 1))));
  }

  private void seats() {
    add(
        "15",
        "a freeze that is over sends its memory after that of the next",
        "MovedMemoryTest#freezeThatIsOver_carriesNothing_thoughItsCommitsAreSavedAtLast",
        node(SHARDS, " && slot.tenure == frozen", ""));
    add(
        "3",
        "a replica that takes no part yet is taken for the store that its node reaches",
        "SeatTest#replicaThatTakesNoPart_isNotWaitedFor_sinceOthersAreRead",
        node("Seat.java", "now == null || takingPart(STORE) == null", "now == null"));
    add(
        "20",
        "the ledger's voters are changed before the store's",
        "cluster.VoterDutiesTest#voterThatIsGone_isReplacedInTheStore_andOnlyThenInTheLedger",
        node(
            "cluster/VoterDuties.java",
            "change(\"the store\", added, store, to, groups::changeStore);",
            "change(\"the ledger\", added, ledger, to, groups::changeLedger);"));
  }

  private void nothingLeavesEarly() {
    add(
        "11",
        "a reply leaves before its commit is saved",
        "CommitsTest#reply_ofAWrite_waitsForItsCommit",
        node(ACTIVATION, "      rest.awaitSaved(deadline);\n      return;", "      return;"));
    add(
        "11",
        "a read shows what earlier turns have not saved yet",
        "CommitsTest#reply_ofAReadThatFollows_waitsForTheCommitItRestsOn",
        node(
            ACTIVATION,
            "if (rest != null && !rest",
            "if (rest != before && rest != null && !rest"));
    add(
        "11",
        "a refusal leaves before what it rests on is saved",
        "CommitsTest#reply_ofAFailureThatFollows_waitsForTheCommitItRestsOn",
        node(
            ACTIVATION,
            "    settle(method, before, rest, call.deadlineNanos());\n    if (refusal != null) {\n      throw refusal;\n    }\n",
            "    if (refusal != null) {\n      throw refusal;\n    }\n    settle(method, before, rest, call.deadlineNanos());\n"));
    add(
        "11",
        "a refusal of the short way leaves before what it rests on is saved",
        "CommitsTest#reply_ofAFailureThatFollows_waitsForTheCommitItRestsOn",
        node(
            ACTIVATION,
            "      settle(method, before, rest, deadline);\n      if (refusal != null) {\n        throw refusal;\n      }\n",
            "      if (refusal != null) {\n        throw refusal;\n      }\n      settle(method, before, rest, deadline);\n"));
    add(
        "11",
        "a call goes out before what its process has changed is saved",
        "CommitsTest#outgoingCall_ofTheNextTurn_doesNotLeaveBeforeTheFormerIsSaved",
        node("home/Turn.java", "    copy.awaitSaved(deadlineNanos);\n", ""));
    add(
        "11",
        "a turn that throws leaves its cells changed",
        "EffectsTest#turn_thatThrowsUndeclared_changesNothingAndNamesAnIncident",
        node(COPY, "    mine.end(keep);", "    mine.end(true);"));
    add(
        "11",
        "a turn that is undone undoes the one around it",
        "NestedTurnsTest#changes_ofTheOuterTurn_stand_thoughTheInnerOneIsUndone",
        node("home/TurnThread.java", "    first = changes;\n", "    first = 0;\n"));
    add(
        "11",
        "a call out of a turn waits for a process of its own chain",
        "ChainsTest#call_thatComesBackThroughAnother_isRefusedAtOnceWithItsPath",
        node(
            "home/Chain.java",
            "if (c.process.equals(next)) {\n        throw",
            "if (next == null) {\n        throw"));
  }

  private void lostShardsAndLeases() {
    add(
        "P1",
        "a turn that outlives its shard is answered as if it had been at home",
        "ShortWayTest#shardLostDuringARead_isReadAgainOnTheNewCopy",
        node(ACTIVATION, "if (own.isEnded()) {", "if (own.isEnded() && deadline == DONE) {"));
    add(
        "14",
        "the lease is not looked at again after a turn without a commit",
        "GateTest#turnWithoutACommit_whoseLeaseEndsWhileItRuns_isNotAcknowledged",
        node(ACTIVATION, "if (!gate.stillOpen(System.nanoTime())) {", "if (deadline == DONE) {"));
    add(
        "14",
        "the lease is not looked at again after a turn that called out",
        "ShortWayTest#leaseThatEndsDuringATurnThatCalledOut_keepsItsAnswerBack",
        node("home/TurnThread.java", "      commitBefore = outer.commitBefore;\n", ""));
    add(
        "14",
        "the lease is not looked at again after the short way's turn",
        "ShortWayTest#leaseThatEndsDuringATurnWithoutACommit_keepsItsAnswerBack",
        node(ACTIVATION, "if (!gate.stillOpen(System.nanoTime())) {", "if (deadline == DONE) {"));
    add(
        "P3",
        "a turn begins though the lease ended while its process was loaded",
        "GateTest#leaseLostDuringTheLoad_keepsTheTurnFromBeginning",
        node(
            ACTIVATION,
            "        activate(call, now);\n        now = checkMayBegin(call);\n",
            "        activate(call, now);\n"));
  }

  private void commits() {
    add(
        "9",
        "a load reads whatever the replica has",
        "CommitsTest#load_readsAtLeastUpToTheClaimAndTheLastCommit",
        node(COPY, ".load(own.rows(), id, own.readFrom())", ".load(own.rows(), id, 0)"));
    add(
        "10",
        "a commit without an answer is taken for saved",
        "CommitsTest#commit_thatNeverArrived_isSentAgainUnchanged",
        node(
            "home/Committer.java",
            "          open = again(open);",
            "          open.forEach(s -> s.own.answered(Store.PartReply.ACCEPTED, 0));\n          return;"));
  }

  private void keys() {
    add(
        "13",
        "an answer is kept under its key before its commit is handed in",
        "KeysTest#key_ofACallWhoseCommitIsTooLarge_isNotKept",
        node(
            ACTIVATION,
            "    commit(all);\n    results.keep(key, answer);\n",
            "    results.keep(key, answer);\n    commit(all);\n"));
    add(
        "13",
        "an answer is not saved with the state",
        "KeysTest#key_survivesPassivation",
        node(ACTIVATION, "    results.describe(id, key, answer, all);\n", ""));
    add(
        "13",
        "a key is forgotten when there is no room",
        "KeysTest#keys_whenTheTableIsFull_areRefusedAndNoneIsForgotten",
        node("home/KeptResults.java", "savedAtMillis() < keptMillis) {", "savedAtMillis() < 0) {"));
    add(
        "13",
        "a key counts for other arguments",
        "KeysTest#key_withOtherArguments_isRefused",
        node(
            "home/KeptResults.java",
            "if (kept != null && !kept.isFor(method, digest)) {",
            "if (kept != null && digest.length == 0) {"));
  }

  private void freezes() {
    add(
        "16",
        "a call that waited for its turn begins it in a frozen shard",
        "MovesTest#callsThatWaitForTheirTurnWhenTheShardFreezes_doNotRunHere",
        node(
            OWNERSHIP,
            "    if (inRunningTurn(chain)) {",
            "    if (chain == null || inRunningTurn(chain)) {"));
    add(
        "16",
        "a turn begins the short way in a frozen shard",
        "ShortWayTest#shardThatIsAboutToMove_letsNoTurnBeginTheShortWay",
        node(
            ACTIVATION,
            "if (process == null || !own.isOpen()) {",
            "if (process == null || own.isEnded()) {"));
    add(
        "16",
        "a frozen shard refuses what its own turns call",
        "MovesTest#freeze_letsInTheCallsOfARunningTurn",
        node(
            OWNERSHIP,
            "      if (holder != null && holder.runs(c.turn())) {",
            "      if (holder != null && shard < 0) {"));
    add(
        "15",
        "a shard is given up while a commit is under way",
        "MovesTest#freeze_whileACommitIsUnderWay_releasesOnlyWhenItIsSaved",
        node(
            OWNERSHIP,
            "        if (left <= 0 || ended) {",
            "        if (left != 0) {\n          return true;\n        }\n        if (ended) {"),
        node(OWNERSHIP, "      if (!lane.quiet() || ended) {", "      if (ended) {"));
  }

  private void memory() {
    add(
        "15",
        "memory is used though the state is another",
        "MovedMemoryTest#memoryOfAnOlderState_isNotUsed",
        node(
            "home/MemoryArrivals.java",
            "Arrivals.isOf(memories.as(), state)",
            "Arrivals.isOf(memories.as(), memories.as())"));
    add(
        "15",
        "memory is used though something was saved since",
        "MovedMemoryTest#memoryThatArrivesAgain_isNotUsedOnceSomethingWasSavedSince",
        node(SHARDS, "granted.isUntouched() ? granted.former() : null);", "granted.former());"));
    add(
        "P5",
        "memory that arrived for a process that was not called is left behind by the next move",
        "MovedMemoryTest#processThatIsNotCalledBetweenTwoMoves_keepsItsMemoryInBoth",
        node(
            OWNERSHIP,
            "    arrived.forEach((id, m) ->\n        all.add(",
            "    arrived.forEach((id, m) ->\n        new ArrayList<>().add("));
  }

  private void pins() {
    String loading = "PinnedHereTest#processThatIsBeingLoaded_takesTheMemoryThatArrivedAlong";
    Mutant.Edit[] early = {
      node(
          OWNERSHIP,
          "    private final @Nullable Activation copy;\n",
          "    private final @Nullable Activation copy;\n    private @Nullable Arrived early;\n"),
      node(
          OWNERSHIP,
          "      this.copy = copy;\n",
          "      this.copy = copy;\n      this.early = arrived.remove(id);\n"),
      node(OWNERSHIP, "Arrived left = arrived.remove(id);", "Arrived left = early;")
    };
    add(
        "P5",
        "what came along is taken out before the process that was being loaded has had it",
        loading + "IntoItsPin",
        early);
    add(
        "12",
        "a pin is claimed before the turn in the hashed shard is over",
        "PinnedHereTest#turnThatRuns_isAwaited_andItsChangesAreThere",
        node(
            SHARDS,
            "memory -> hasLeft(slot, epoch, memory));\n    return true;",
            "memory -> {});\n    return false;"));
    add(
        "15",
        "a pin does not await the opening of its hashed shard, whose memory has arrived",
        "MovedMemoryTest#processThatIsPinnedBeforeItsShardIsOpen_findsItsMemoryInThePin",
        node(
            SHARDS,
            "slot.awaitsHashed = pin != null && tenure(pin.hashed()) instanceof Tenure.Claiming;",
            "slot.awaitsHashed = false;"));
    add(
        "12",
        "a pinned process is served in its hashed shard",
        "PinnedHereTest#callOnItsWayToTheHashedShard_ofAProcessThatIsPinned_isSentRound",
        node(SHARDS, "        own.away(pinned.of(slot.shard()));", "        own.away(Set.of());"),
        node(SHARDS, "slot.pin == null ? pinned.of(slot.shard()) : Set.of(),", "Set.of(),"));
  }

  private void lateCalls() {
    add(
        "17",
        "a node that has expired gets its calls done",
        "LateCallsTest#callOfANodeWhoseRegistrationHasEnded_isRefusedAndDoesNotRun",
        node(SERVER, "      requireMember(request, view);\n", ""));
    add(
        "17",
        "a call that was sent to an earlier epoch runs",
        "LateCallsTest#callThatWasSentToAnEarlierEpochOfThisHome_isSentBackAndDoesNotRun",
        node(SERVER, "if (request.epoch() != here.epoch()) {", "if (request.epoch() < 0) {"),
        node(
            SERVER,
            "                    request.epoch(),\n                    method.index(),",
            "                    here.epoch(),\n                    method.index(),"));
    add(
        "17",
        "a node decides by a view that is behind the caller's",
        "LateCallsTest#callOfANodeThatHasSeenMore_doesNotRunBeforeThisNodeHasSeenItToo",
        node(SERVER, "!view.formed() || cluster.viewIndex() < request.view()", "!view.formed()"));
  }

  private void pauses() {
    add(
        "5",
        "a machine that was suspended goes on as if it had not been",
        "cluster.LeaseGateTest#machineThatWasSuspended_beginsNoTurn_thoughItsMonotonicClockStoodStill",
        node("cluster/LeaseGate.java", "if (jumped(nowNanos)) {", "if (until == 0) {"));
    add(
        "5",
        "a suspension that the lease outlasts goes unnoticed",
        "cluster.LeaseGateTest#suspension_thatTheLeaseOutlasts_isNoticedAllTheSame",
        node("cluster/LeaseGate.java", "since < JUMP_NANOS", "since < 4 * JUMP_NANOS"));
    add(
        "5",
        "a suspension in the middle of a tick is hidden by it",
        "cluster.LeaseGateTest#suspension_inTheMiddleOfATick_isNotTakenForWhatAlwaysWasBetweenTheClocks",
        node(
            "cluster/LeaseGate.java",
            "    ticked(nowNanos, between);\n    return true;",
            "    ticked(nowNanos, offset(nowNanos));\n    return true;"));
    add(
        "5",
        "clocks agree anew under a lease from before",
        "cluster.LeaseGateTest#wallClockThatIsSetBackFar_beginsNoTurnUntilTheClocksAgreeAnew",
        node(
            "cluster/LeaseGate.java",
            "    until(Long.MIN_VALUE, \"this node was paused, or its wall clock was set\");\n",
            ""));
    add(
        "5",
        "a wall clock is believed though it was set back",
        "cluster.LeaseGateTest#wallClockThatIsSetBackALittle_isNotBelieved",
        node("cluster/LeaseGate.java", "if (since >= 0 && since <", "if (since <"));
    add(
        "5",
        "a lease that is not renewed after a pause is awaited for ever",
        "cluster.LeaseGateTest#gateThatIsShutByAPause_opensSoon_forTheTimeThatARenewalMayTake_andNoLonger",
        node(
            "cluster/LeaseGate.java",
            "until != Long.MIN_VALUE && nowNanos - until < 0 && !stillOpen(nowNanos)",
            "until != Long.MIN_VALUE && !stillOpen(nowNanos)"));
    add(
        "P4",
        "a node whose last steps hang stays",
        "LastStepsTest#shardsThatAreNeverGivenAway_holdNoNodeUp",
        node("LastSteps.java", "doing.join(bound)", "doing.join(Duration.ofDays(1))"));
    add(
        "P5",
        "the last answers of a node that leaves are not awaited",
        "call.RemoteCallsTest#homeThatWasDrained_andHasLeft_stillAnswersWhatItWasAsked",
        node("call/RemoteCalls.java", "gone != null && drained", "gone == null && drained"));
    add(
        "5",
        "a call fails though this node was paused for a moment only",
        "GateTest#calls_afterAShortPauseOfTheNode_waitUntilTheLeaseIsRenewed",
        node("call/Calls.java", "cluster.gate().opensSoon(System.nanoTime())", "false"));
  }

  private void locks() {
    String test =
        "cluster.DirectoryLockTest#name_whereALockMayBeLost_orTheMachineIsUnknown_isEmpty";
    add(
        "7",
        "a lock on a network's file system proves an end",
        test,
        node("cluster/DirectoryLock.java", "LOCAL.contains(fileSystem) && ", ""));
    add(
        "7",
        "a lock proves an end, whatever has become of the machine",
        test,
        node("cluster/DirectoryLock.java", "!kernelStart.isEmpty() && ", ""));
  }
}
