package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.ProcessId;
import dev.limpet.core.bytes.ByteReader.Malformed;
import dev.limpet.core.ledger.LedgerState.Result;
import dev.limpet.core.ledger.Outcome.Reason;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Types that name a role are at home only where it is held. */
class RolesTest {
  private static final String TYPES =
      "counter\n  add(long)long\nvideo (role gpu)\n  frames()byte[]";

  private final Ledgers l = Ledgers.formed(48);

  private long join(String node, String... roles) {
    return l.joinHosting(TYPES, node, roles);
  }

  private Result pinVideo(String key, String node) {
    return l.apply(new Command.Pin(new ProcessId("video", key), node));
  }

  private static Outcome.Refused refusal(Result result) {
    assertThat(result.decisions()).isEmpty();
    return (Outcome.Refused) result.outcome();
  }

  @Test
  void types_areReadFromTheTextThatJoinsCompare() {
    assertThat(HostedTypes.read(TYPES).roles()).isEqualTo(Map.of("counter", "", "video", "gpu"));
    assertThat(HostedTypes.title("video", "gpu")).isEqualTo("video (role gpu)");
    assertThat(HostedTypes.read("").namesRoles()).isFalse();
    assertThat(HostedTypes.read("counter\n  add (role x)").namesRoles()).isFalse();
  }

  @Test
  void typeWithARole_isSharedOutEvenlyAmongThoseThatHoldIt_andOnlyThose() {
    join("n1");
    join("n2", "gpu", "api");
    join("n3", "gpu");
    join("n4", "api");
    l.settle();
    assertThat(l.homes("video")).isEqualTo(Map.of("n2", 6, "n3", 6));
    assertThat(l.homes()).isEqualTo(Map.of("n1", 12, "n2", 12, "n3", 12, "n4", 12));
  }

  @Test
  void processes_ofTheType_areHashedIntoItsRange_othersIntoTheCommonShards() {
    join("n1", "gpu");
    ShardRange range = l.range("video");
    assertThat(range).isEqualTo(new ShardRange("video", "gpu", 48, 12));
    TreeSet<Integer> used = new TreeSet<>();
    for (int i = 0; i < 2_000; i++) {
      used.add(l.state.placement().shardOf(new ProcessId("video", "k" + i)));
      assertThat(l.state.placement().shardOf(new ProcessId("counter", "k" + i))).isLessThan(48);
    }
    assertThat(used).isEqualTo(new TreeSet<>(IntStream.range(48, 60).boxed().toList()));
  }

  @Test
  void nobodyHoldsTheRole_itsShardsWait_andComeWithTheFirstThatDoes() {
    join("n1");
    long n2 = join("n2", "gpu");
    long epoch = l.shard(48).epoch();
    assertThat(epoch).isPositive();
    l.expire("n2", n2);
    assertThat(l.homes("video")).isEqualTo(Map.of("nobody", 12));
    assertThat(l.homes()).isEqualTo(Map.of("n1", 48));
    assertThat(l.shard(48).epoch()).isEqualTo(epoch);
    assertThat(l.settle()).isZero();
    join("n3");
    assertThat(l.homes("video")).isEqualTo(Map.of("nobody", 12));
    join("n4", "gpu");
    assertThat(l.homes("video")).isEqualTo(Map.of("n4", 12));
    assertThat(l.shard(48).epoch()).isGreaterThan(epoch);
  }

  @Test
  void deadNodesShards_goToTheOthersWithTheRole_andComeHome() {
    join("n1", "gpu");
    long n2 = join("n2", "gpu");
    join("n3", "gpu");
    join("n4");
    l.settle();
    l.expire("n2", n2);
    assertThat(l.homes("video")).isEqualTo(Map.of("n1", 6, "n3", 6));
    join("n2", "gpu");
    l.settle();
    assertThat(l.homes("video")).isEqualTo(Map.of("n1", 4, "n2", 4, "n3", 4));
    assertThat(l.homes()).isEqualTo(Map.of("n1", 12, "n2", 12, "n3", 12, "n4", 12));
  }

  @Test
  void restartWithOtherRoles_movesTheShardsAccordingly() {
    join("n1", "gpu");
    long n2 = join("n2", "gpu");
    long n3 = join("n3");
    l.settle();
    l.apply(new Command.Leave("n2", n2));
    join("n2");
    l.apply(new Command.Leave("n3", n3));
    join("n3", "gpu");
    l.settle();
    assertThat(l.homes("video")).isEqualTo(Map.of("n1", 6, "n3", 6));
    assertThat(l.preferred()).containsEntry("n2", 16);
  }

  @Test
  void drainOfTheLastNode_movesWhatCanMove_andLeavesTheRestServing() {
    join("n1", "gpu");
    join("n2");
    l.settle();
    l.apply(new Command.Drain("n1"));
    l.settle();
    assertThat(l.homes()).isEqualTo(Map.of("n1", 0, "n2", 48));
    assertThat(l.homes("video")).isEqualTo(Map.of("n1", 12));
    join("n3", "gpu");
    l.settle();
    assertThat(l.homes("video")).isEqualTo(Map.of("n3", 12));
  }

  @Test
  void everyoneWithTheRoleDrained_aDeadOnesShardsGoToADrainedOne() {
    long n1 = join("n1", "gpu");
    join("n2", "gpu");
    join("n3");
    l.settle();
    l.apply(new Command.Drain("n1"));
    l.apply(new Command.Drain("n2"));
    l.expire("n1", n1);
    assertThat(l.homes("video")).isEqualTo(Map.of("n2", 12));
  }

  @Test
  void move_toANodeWithoutTheRole_isRefusedByName_andByAWishToo() {
    join("n1", "gpu");
    long n2 = join("n2");
    Outcome.Refused refused = refusal(pinVideo("a", "n2"));
    assertThat(refused.reason()).isEqualTo(Reason.LACKS_ROLE);
    assertThat(refused.detail()).contains("n2", "role gpu", "video");
    assertThat(refusal(l.move(48, n2)).reason()).isEqualTo(Reason.OVERTAKEN);
    assertThat(l.pin("a", "n2").outcome()).isEqualTo(new Outcome.Done());
  }

  @Test
  void pin_ofATypeWithARole_staysAmongThoseThatHoldIt() {
    join("n1", "gpu");
    long n2 = join("n2", "gpu");
    join("n3");
    l.settle();
    pinVideo("a", "n2");
    Pin pin = Objects.requireNonNull(l.state.placement().pins().of(new ProcessId("video", "a")));
    assertThat(l.state.placement().roleOf(pin.number())).isEqualTo("gpu");
    if (l.shard(pin.number()).move() != null) {
      l.release(pin.number());
    }
    l.expire("n2", n2);
    assertThat(Objects.requireNonNull(l.state.placement().homeOf(pin.number())).name())
        .isEqualTo("n1");
    join("n2");
    l.settle();
    assertThat(Objects.requireNonNull(l.state.placement().homeOf(pin.number())).name())
        .isEqualTo("n1");
  }

  @Test
  void rolesOfTypesThatDiffer_areRefused_withBothLists() {
    join("n1", "gpu");
    Command.Join other = Ledgers.joinOf("n2", "b", TYPES.replace("gpu", "cpu"), "gpu");
    Outcome.Refused refused = refusal(l.apply(other));
    assertThat(refused.reason()).isEqualTo(Reason.TYPES_DIFFER);
    assertThat(refused.detail()).contains("video (role gpu)", "video (role cpu)");
  }

  @Test
  void roleOfAType_changesWhenNobodyIsAMember_andItsShardsStayTheSame() {
    long n1 = join("n1", "gpu");
    int shard = l.state.placement().shardOf(new ProcessId("video", "a"));
    l.apply(new Command.Leave("n1", n1));
    n1 = l.joinHosting("counter\nvideo (role tape)", "n1", "gpu");
    assertThat(l.homes("video")).isEqualTo(Map.of("nobody", 12));
    l.joinHosting("counter\nvideo (role tape)", "n2", "tape");
    assertThat(l.homes("video")).isEqualTo(Map.of("n2", 12));
    assertThat(l.state.placement().shardOf(new ProcessId("video", "a"))).isEqualTo(shard);
    l.expire("n2", Objects.requireNonNull(l.state.placement().member("n2")).registration());
    l.apply(new Command.Leave("n1", n1));
    Result plain = l.apply(Ledgers.joinOf("n1", "b9", "counter\nvideo"));
    assertThat(plain.decisions()).contains(new Decision.RoleChanged("video", ""));
    assertThat(l.homes("video")).isEqualTo(Map.of("n1", 12));
    assertThat(l.state.placement().shardOf(new ProcessId("video", "a"))).isEqualTo(shard);
  }

  @Test
  void roleForATypeThatWasHostedWithoutOne_isRefused_nowAndLater() {
    long n1 = l.joinHosting("counter\nvideo", "n1");
    l.apply(new Command.Leave("n1", n1));
    Outcome.Refused refused = refusal(l.apply(Ledgers.joinOf("n1", "b1", TYPES, "gpu")));
    assertThat(refused.reason()).isEqualTo(Reason.TYPES_DIFFER);
    assertThat(refused.detail()).contains("video was hosted without a role");
    n1 = l.joinHosting("room (role chat)", "n1", "chat");
    l.apply(new Command.Leave("n1", n1));
    assertThat(refusal(l.apply(Ledgers.joinOf("n1", "b2", TYPES, "gpu"))).detail())
        .contains("video was hosted without a role");
  }

  @Test
  void tooManyTypesWithARole_areRefused() {
    String types =
        String.join("\n", IntStream.range(0, 257).mapToObj(i -> "t" + i + " (role r)").toList());
    assertThat(refusal(l.apply(Ledgers.joinOf("n1", "b", types, "r"))).detail()).contains("256");
    assertThat(l.state.placement().ranges().isEmpty()).isTrue();
  }

  @Test
  void rangeThatComesAfterPins_hasNumbersOfItsOwn() {
    long n1 = l.joinHosting("counter", "n1");
    l.pin("a", "n1");
    l.pin("b", "n1");
    assertThat(l.pinOf("b").number()).isEqualTo(49);
    l.apply(new Command.Leave("n1", n1));
    join("n1", "gpu");
    assertThat(l.range("video").first()).isEqualTo(50);
    assertThat(l.homes("video")).isEqualTo(Map.of("n1", 12));
    l.pin("c", "n1");
    assertThat(l.pinOf("c").number()).isEqualTo(62);
    assertThat(l.state.placement().numbers()).doesNotHaveDuplicates().hasSize(48 + 12 + 3);
  }

  @Test
  void decisions_areReadable() {
    Result first = l.apply(Ledgers.joinOf("n1", "b", TYPES, "gpu", "api"));
    List<String> lines = first.decisions().stream().map(Decision::describe).toList();
    assertThat(lines)
        .contains(
            "type video has shards 48 to 59 of its own, on nodes with the role gpu",
            "node n1 joined as registration 2 with the roles api, gpu");
    assertThat(new Decision.Joined("n1", 2).describe())
        .isEqualTo("node n1 joined as registration 2");
    assertThat(new Decision.RoleChanged("video", "tape").describe())
        .isEqualTo("type video is hosted by nodes with the role tape from here on");
    assertThat(Summary.of(first.decisions())).contains("type video has shards", "with the roles");
  }

  @Test
  void withoutRoles_entriesAndImages_areWhatTheyWere() {
    Command.Join plain = Ledgers.joinOf("n1", "b", "counter");
    l.apply(plain);
    assertThat(LedgerWire.encode(plain)).startsWith(1, 2);
    assertThat(LedgerWire.encode(l.state.image())).startsWith(1);
    assertThat(l.state.image().roles()).isNull();
  }

  @Test
  void withRoles_entriesAndImages_areOfANewKind_andRoundTrip() {
    Command.Join join = Ledgers.joinOf("n1", "b", TYPES, "gpu", "api");
    l.apply(join);
    assertThat(LedgerWire.encode(join)).startsWith(1, 30);
    assertThat(LedgerWire.decodeCommand(LedgerWire.encode(join))).isEqualTo(join);
    byte[] image = LedgerWire.encode(l.state.image());
    assertThat(image).startsWith(2);
    LedgerState copy = LedgerState.of(LedgerWire.decodeImage(image));
    assertThat(copy.placement().members()).isEqualTo(l.state.placement().members());
    assertThat(copy.placement().shards()).isEqualTo(l.state.placement().shards());
    assertThat(copy.placement().ranges().all()).isEqualTo(l.state.placement().ranges().all());
  }

  @Test
  void joinOfTheOldKind_withTypesThatNameRoles_isMalformed() {
    byte[] bytes = LedgerWire.encode(Ledgers.joinOf("n1", "b", TYPES));
    bytes[1] = 2;
    byte[] old = java.util.Arrays.copyOf(bytes, bytes.length - 1);
    assertThatThrownBy(() -> LedgerWire.decodeCommand(old))
        .isInstanceOf(Malformed.class)
        .hasMessageContaining("roles");
  }
}
