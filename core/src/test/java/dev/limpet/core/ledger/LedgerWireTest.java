package dev.limpet.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.bytes.ByteReader.Malformed;
import dev.limpet.core.ledger.Outcome.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LedgerWireTest {
  private static final List<Outcome> OUTCOMES =
      List.of(
          new Outcome.Done(),
          new Outcome.Joined(1L << 40),
          new Outcome.Renewed(List.of(true, false, true)),
          new Outcome.Renewed(List.of()),
          new Outcome.Refused(Reason.OVERTAKEN, "späť"));

  @Test
  void commands_roundTrip() {
    Random random = new Random(1);
    Ledgers l = Ledgers.formed(5);
    for (int i = 0; i < 3_000; i++) {
      Command command = Ledgers.any(random, l.state.placement(), l.state.index());
      l.apply(command);
      assertThat(LedgerWire.decodeCommand(LedgerWire.encode(command))).isEqualTo(command);
    }
  }

  @Test
  void form_roundTrips_andOneWithoutKeyOrShardsIsMalformed() {
    byte[] secret = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    Command.Form back =
        (Command.Form)
            LedgerWire.decodeCommand(LedgerWire.encode(new Command.Form("c", secret, 128)));
    assertThat(back.hashKey()).isEqualTo(secret);
    assertThat(back.shards()).isEqualTo(128);
    for (Command bad :
        List.of(
            new Command.Form("c", secret, 0),
            new Command.Form("c", new byte[15], 8),
            new Command.Form("c", new byte[17], 8),
            new Command.Form("", secret, 8))) {
      byte[] bytes = LedgerWire.encode(bad);
      assertThatThrownBy(() -> LedgerWire.decodeCommand(bytes)).isInstanceOf(Malformed.class);
    }
  }

  @Test
  void outcomes_roundTrip() {
    for (Outcome o : OUTCOMES) {
      assertThat(LedgerWire.decodeOutcome(LedgerWire.encode(o))).isEqualTo(o);
    }
  }

  @Test
  void otherRules_areRefusedByName() {
    byte[] bytes = LedgerWire.encode(new Command.Drain("n1"));
    bytes[0] = 9;
    assertThatThrownBy(() -> LedgerWire.decodeCommand(bytes))
        .isInstanceOf(Malformed.class)
        .hasMessageContaining("rules 9");
  }

  @Test
  void imageOfAnotherForm_isRefusedByName() {
    byte[] bytes = LedgerWire.encode(Ledgers.formed(4).state.image());
    bytes[0] = 9;
    assertThatThrownBy(() -> LedgerWire.decodeImage(bytes))
        .isInstanceOf(Malformed.class)
        .hasMessageContaining("rules 9");
  }

  @Test
  void hostileBytes_areMalformedOrHarmless() {
    Random random = new Random(7);
    List<byte[]> commands = new ArrayList<>();
    List<byte[]> images = new ArrayList<>();
    Ledgers l = Ledgers.formed(6);
    for (int i = 0; i < 300; i++) {
      Command command = Ledgers.any(random, l.state.placement(), l.state.index());
      l.apply(command);
      commands.add(LedgerWire.encode(command));
      if (i % 30 == 0) {
        images.add(LedgerWire.encode(l.state.image()));
      }
    }
    Ledgers roles = Ledgers.formed(6);
    for (int i = 0; i < 20; i++) {
      Command.Join join =
          Ledgers.joinOf("n" + i, "b", "counter\nvideo (role gpu)", "gpu", "api" + i);
      roles.apply(join);
      commands.add(LedgerWire.encode(join));
      images.add(LedgerWire.encode(roles.state.image()));
    }
    List<byte[]> outcomes = OUTCOMES.stream().map(LedgerWire::encode).toList();
    for (int i = 0; i < 60_000; i++) {
      onlyMalformed(i, hostile(random, commands), LedgerWire::decodeCommand);
      onlyMalformed(i, hostile(random, outcomes), LedgerWire::decodeOutcome);
      if (i % 4 == 0) {
        onlyMalformed(i, hostile(random, images), LedgerWire::decodeImage);
      }
    }
  }

  private static byte[] hostile(Random random, List<byte[]> good) {
    byte[] bytes = good.get(random.nextInt(good.size())).clone();
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9));
      case 2 -> {
        random.nextBytes(bytes);
        bytes[0] = 1;
        yield bytes;
      }
      default -> {
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        yield bytes;
      }
    };
  }

  private static void onlyMalformed(int i, byte[] bytes, Function<byte[], Object> decode) {
    try {
      assertThat(decode.apply(bytes)).isNotNull();
    } catch (Malformed expected) {
      assertThat(expected.getMessage()).isNotBlank();
    } catch (RuntimeException e) {
      throw new AssertionError("case " + i + ": " + Arrays.toString(bytes), e);
    }
  }
}
