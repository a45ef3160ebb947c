package dev.limpet.core.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.bytes.ByteReader.Malformed;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void numbers_roundTrip_inAtMostNineBytes() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      long value = random.nextLong() >>> (1 + random.nextInt(63));
      byte[] bytes = new ByteWriter().number(value).toBytes();
      assertThat(bytes.length).isLessThanOrEqualTo(9);
      ByteReader in = new ByteReader(bytes);
      assertThat(in.number()).isEqualTo(value);
      in.end();
    }
    assertThat(new ByteReader(new ByteWriter().number(Long.MAX_VALUE).toBytes()).number())
        .isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> new ByteWriter().number(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everythingElse_roundTrips_andMustBeReadToTheEnd() {
    byte[] bytes =
        new ByteWriter()
            .u8(200)
            .bool(true)
            .text("žaba")
            .block(new byte[] {1, 2})
            .raw(new byte[] {9})
            .toBytes();
    ByteReader in = new ByteReader(bytes);
    assertThat(in.u8()).isEqualTo(200);
    assertThat(in.bool()).isTrue();
    assertThat(in.text(5)).isEqualTo("žaba");
    assertThat(in.block(2)).containsExactly(1, 2);
    assertThatThrownBy(in::end).isInstanceOf(Malformed.class);
    assertThat(in.rest()).containsExactly(9);
    in.end();
    assertThatThrownBy(in::u8).isInstanceOf(Malformed.class);
  }

  @Test
  void bounds_areKept() {
    byte[] text = new ByteWriter().text("abcdef").toBytes();
    assertThatThrownBy(() -> new ByteReader(text).text(5)).isInstanceOf(Malformed.class);
    assertThatThrownBy(() -> new ByteReader(new byte[] {2}).bool()).isInstanceOf(Malformed.class);
    assertThatThrownBy(() -> new ByteReader(new byte[] {1, (byte) 0xff}).text(9))
        .isInstanceOf(Malformed.class);
    byte[] endless = new byte[12];
    java.util.Arrays.fill(endless, (byte) 0xff);
    assertThatThrownBy(() -> new ByteReader(endless).number()).isInstanceOf(Malformed.class);
    byte[] huge = new ByteWriter().number(Integer.MAX_VALUE).toBytes();
    assertThatThrownBy(() -> new ByteReader(huge).block(Integer.MAX_VALUE))
        .isInstanceOf(Malformed.class);
  }
}
