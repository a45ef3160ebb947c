package dev.limpet.core;

import static dev.limpet.mutant.Mutant.core;

import dev.limpet.mutant.Mutant;
import dev.limpet.mutant.MutantsTest;
import dev.limpet.mutant.TestTrial;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The tests of the core find what the simulator does not show: rules that no history of calls gives away, and each guard
 * of a rule that is guarded twice.
 */
class CoreMutantTest extends MutantsTest {
  private final List<Mutant> all = new ArrayList<>();

  @Override
  protected List<Mutant> mutants() {
    if (all.isEmpty()) {
      predecessors();
      parents();
      replies();
      versions();
      batches();
      guards();
      leaving();
      bounds();
    }
    return all;
  }

  private void add(String rule, String name, String test, String method, Mutant.Edit... edits) {
    all.add(
        new Mutant(
            name,
            rule,
            List.of(edits),
            TestTrial.of("dev.limpet.core." + test),
            Pattern.compile(method)));
  }

  private void bounds() {
    add(
        "P6",
        "a scan drives out what is used all the time",
        "passivation.UsesTest#count_risesWithEachLookThatFindsAUse_upToTheHighest",
        "count_rises",
        core("passivation/Uses.java", "used ? count + 1 : count", "count"));
    add(
        "P6",
        "more leave memory than are too many",
        "passivation.ColdestTest#chosen_ofManyThatWereUsedAtOnce_areAsManyAsAskedFor",
        "chosen_ofManyThatWereUsedAtOnce",
        core("passivation/Coldest.java", "time == before && ties > 0", "time == before"));
  }

  private void leaving() {
    add(
        "P5",
        "a node leaves while a shard is on its way to it",
        "ledger.PlannerTest",
        "nodeToWhichAShardIsOnItsWay",
        core(
            "ledger/Placement.java",
            "|| (at.move() != null && at.move().target() == registration)",
            ""));
  }

  private void predecessors() {
    String test = "ledger.PredecessorTest";
    String file = "ledger/Member.java";
    add(
        "7",
        "the lock of another file ends a lease",
        test,
        "join_fromACopyOfTheDirectory",
        core(file, "        && incarnation.lock().equals(join.incarnation().lock())\n", ""));
    add(
        "7",
        "a lock that proves nothing ends a lease",
        test,
        "join_whoseLockProvesNothing",
        core(file, "        && !incarnation.lock().isEmpty()\n", ""));
    add(
        "7",
        "a lock ends a lease, whatever the storage is",
        test,
        "join_withAnotherStorage",
        core(file, "        && storage.equals(join.storage())\n", ""));
    add(
        "7",
        "a lock ends a lease, whatever machine it is on",
        test,
        "join_withAnotherStorage_orAtAnotherAddress",
        core(file, "        && clusterAddress.equals(join.clusterAddress())\n", ""));
    add(
        "7",
        "a lock ends a lease that it does not name",
        test,
        "join_thatDoesNotNameTheRegistration|ThatComesAfterItsSuccessors",
        core(file, "return join.predecessor() == registration\n", "return name.length() > 0\n"));
  }

  private void parents() {
    String test = "lease.ChildReportTest";
    String file = "lease/ChildReport.java";
    add(
        "7",
        "a parent's word counts for any start of the node",
        test,
        "report_ofAnotherProcess",
        core(file, "if (!member.boot().equals(boot)\n        || known", "if (known"));
    add(
        "7",
        "a parent's word counts for any process",
        test,
        "report_ofAnotherProcess",
        core(file, "        || known.pid() != pid\n", ""));
    add(
        "7",
        "a parent's word counts for a process of the same number that started later",
        test,
        "report_ofAnotherProcess",
        core(file, "\n        || known.startedMillis() != startedMillis", ""));
    add(
        "7",
        "a parent's word counts though it knows of no process",
        test,
        "report_ofANodeThatDoesNotKnowItsProcess",
        core(file, "if (known.pid() == 0 || known.startedMillis() == 0) {", "if (pid < 0) {"));
    add(
        "7",
        "a node believes that it is dead itself",
        test,
        "report_ofTheNodeThatIsTold",
        core(file, "if (registration == self) {", "if (registration < 0) {"));
    add(
        "7",
        "a renewal that was under way keeps a dead process alive",
        test,
        "report_thatSaysWhatTheJoinSaid",
        core(file, "registration, Long.MAX_VALUE)", "registration, 0)"));
  }

  private void replies() {
    String test = "ledger.LedgerStateTest";
    add(
        "17",
        "a reply of an epoch that an expiry ended is believed",
        test,
        "expire_",
        core(
            "ledger/ShardHome.java",
            "epoch, preferred, epoch, move",
            "epoch, preferred, expiredThrough, move"));
    add(
        "17",
        "no reply of an earlier epoch is believed, though the shard was released",
        test,
        "move_reservesTheEpoch_andReleaseHandsItOver|leave_spreadsLikeAnExpiry",
        core("ledger/Placement.java", "epoch > at.expiredThrough()", "epoch >= at.epoch()"));
    add(
        "17",
        "a reply of a pin that is gone is believed, though its home has expired",
        "ledger.PinningTest",
        "replyOfAPinThatHasEnded",
        core("ledger/Placement.java", "at == null ? members.containsKey(by)", "at == null ? true"));
  }

  private void versions() {
    add(
        "18",
        "an entry of rules that this code does not know is applied by those that it knows",
        "ledger.LedgerWireTest",
        "otherRules_areRefusedByName",
        core("ledger/LedgerWire.java", "if (rules != LedgerState.RULES) {", "if (rules < 0) {"));
    add(
        "18",
        "a join that uses nothing new is written as an entry that older code does not know",
        "ledger.RolesTest",
        "withoutRoles_entriesAndImages_areWhatTheyWere",
        core(
            "ledger/LedgerWire.java",
            "case Command.Join c when c.knowsRoles() ->",
            "case Command.Join c when c.roles() != null ->"));
    add(
        "18",
        "a checkpoint of a form that this code does not know is read as one that it knows",
        "ledger.LedgerWireTest",
        "imageOfAnotherForm_isRefusedByName",
        core(
            "ledger/LedgerWire.java",
            "if (form != LedgerState.RULES && form != IMAGE_WITH_ROLES) {",
            "if (form < 0) {"));
  }

  private void batches() {
    add(
        "19",
        "all commits that wait go in one batch, however large, and renewals wait behind it",
        "home.CommitLaneTest",
        "next_staysWithinTheBound",
        core(
            "home/CommitLane.java",
            "if (!commits.isEmpty() && sum > sizeMax) {",
            "if (sum < 0) {"));
  }

  /** Of each rule that is guarded twice, so that a run shows nothing until both are broken, the guards one by one. */
  private void guards() {
    add(
        "1",
        "an ended registration is renewed",
        "ledger.LedgerStateTest",
        "renew_ofAnEndedRegistration_isRejectedForEver",
        core("ledger/LedgerState.java", "accepted.add(false);", "accepted.add(true);"));
    add(
        "1",
        "a node does not see in its view that its registration has ended",
        "node.MembershipTest",
        "viewWithoutTheRegistration_endsIt",
        core(
            "node/Membership.java",
            "if (registration != 0 && applied >= registration && !view",
            "if (registration < 0 && applied >= registration && !view"));
    add(
        "3",
        "a renewal counts whatever its sender has seen",
        "lease.GrantorTest",
        "oneWayCut",
        core(
            "lease/Grantor.java",
            "if (oldest != null && now - Math.max(oldest.getValue(), leadingSince) > times.deaf()) {",
            "if (oldest != null && now < 0) {"));
    add(
        "3",
        "a new leader holds acknowledgements against a node that another leader owed it",
        "lease.GrantorTest",
        "doesNotBlameTheMembers|newLeader_doesNotHoldOldAcknowledgements",
        core(
            "lease/Grantor.java",
            "Math.max(oldest.getValue(), leadingSince)",
            "oldest.getValue()"));
    add(
        "4",
        "a new leader takes all for silent",
        "lease.GrantorTest",
        "Expecting empty but was: \\[Expire",
        core(
            "lease/Grantor.java",
            "    leading = true;\n",
            "    leading = true;\n    heard.values().forEach(h -> h.at = now - 2 * times.grace());\n"));
    add(
        "4",
        "a new leader has no patience",
        "lease.GrantorTest",
        "Expecting empty but was: \\[Expire",
        core("lease/Grantor.java", "now - leadingSince > 2 * times.heartbeat() && ", ""));
    add(
        "4",
        "a tick that comes late is taken for a pause",
        "lease.GrantorTest",
        "tickThatComesLate",
        core(
            "lease/Grantor.java",
            "    noticePause(now);\n    if (leading && stuck",
            "    if (leading && stuck"));
    add(
        "3",
        "a node that hears nothing is heard for a whole lease",
        "lease.GrantorTest",
        "oneWayCut",
        core(
            "lease/Grantor.java",
            "leadingSince) > times.deaf()) {",
            "leadingSince) > times.lease()) {"));
    add(
        "5",
        "a renewal that was sent before a pause counts",
        "lease.LeaseTest",
        "paused_whatWasSentBeforeDoesNotCount",
        core("lease/Lease.java", "s.at >= notBefore ? ", "s.at >= Long.MIN_VALUE ? "));
    add(
        "5",
        "a registration that has ended is expected back after a pause",
        "node.MembershipTest",
        "pause_isSaidToBeOverSoon",
        core("node/Membership.java", "    resumesBy = Long.MIN_VALUE;\n    if", "    if"));
    add(
        "5",
        "a lease that has lapsed is expected back for ever",
        "node.MembershipTest",
        "lapse_isSaidToBeOverSoon",
        core(
            "node/Membership.java",
            "? resumesBy : until + times.deaf();",
            "? resumesBy : Long.MAX_VALUE;"));
    add(
        "5",
        "a lease from before a pause goes on",
        "lease.LeaseTest",
        "paused_whatWasSentBeforeDoesNotCount",
        core("lease/Lease.java", "notBefore = now;\n    until = NEVER;", "notBefore = now;"));
    add(
        "10",
        "the fence does not look at the epoch",
        "fence.FenceTest",
        "FENCED",
        core("fence/Fence.java", "if (epoch != this.epoch || number", "if (number"));
    add(
        "10",
        "the fence does not look at the claim number",
        "fence.FenceTest",
        "FENCED",
        core("fence/Fence.java", " || number != this.number || this", " || this"));
    add(
        "10",
        "a gap in the sequence is accepted",
        "fence.FenceTest",
        "GAP",
        core(
            "fence/Fence.java",
            "? PartDecision.ACCEPTED : PartDecision.GAP",
            "? PartDecision.ACCEPTED : PartDecision.ACCEPTED"));
    add(
        "15",
        "memory is used though the release names another image",
        "home.ArrivalsTest",
        "claim_otherImageOrIncompleteOne_isNotUsed",
        core("home/Arrivals.java", "image == 0 || arrival.image != image || ", ""));
    add(
        "15",
        "memory is used though its state is another",
        "home.ArrivalsTest",
        "isOf_onlyTheVeryState",
        core("home/Arrivals.java", "return as.equals(state);", "return true;"));
  }
}
