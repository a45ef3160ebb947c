package dev.limpet.core.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limpet.core.Invariant;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private static final long MS = 1_000_000;
  private static final Times TIMES = Times.of(400 * MS, 3_000 * MS);

  private final Lease lease = new Lease("n1", 5, TIMES);

  @Test
  void new_doesNotHold() {
    assertThat(lease.holds(0)).isFalse();
    assertThat(lease.beginsUntil()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void acknowledged_countsFromTheSending_notFromTheReceipt() {
    lease.viewReached(10);
    lease.renew(100 * MS);
    lease.acknowledged(1, 10);
    assertThat(lease.beginsUntil()).isEqualTo(100 * MS + TIMES.lease() - TIMES.guard());
    assertThat(lease.holds(lease.beginsUntil() - 1)).isTrue();
    assertThat(lease.holds(lease.beginsUntil())).isFalse();
  }

  @Test
  void acknowledged_countsOnlyOnceTheViewHasReachedItsIndex() {
    lease.renew(100 * MS);
    lease.acknowledged(1, 10);
    lease.viewReached(9);
    assertThat(lease.holds(200 * MS)).isFalse();
    lease.viewReached(10);
    assertThat(lease.holds(200 * MS)).isTrue();
  }

  @Test
  void acknowledged_outOfOrder_neverShortens() {
    lease.viewReached(99);
    lease.renew(0);
    lease.renew(400 * MS);
    lease.acknowledged(2, 11);
    lease.acknowledged(1, 12);
    assertThat(lease.beginsUntil()).isEqualTo(400 * MS + TIMES.lease() - TIMES.guard());
  }

  @Test
  void acknowledged_twiceOrNeverSent_changesNothing() {
    lease.viewReached(99);
    lease.renew(0);
    lease.acknowledged(1, 10);
    long until = lease.beginsUntil();
    lease.acknowledged(1, 20);
    lease.acknowledged(7, 21);
    assertThat(lease.beginsUntil()).isEqualTo(until);
  }

  @Test
  void renewal_namesTheLastAcknowledgementThatCounted() {
    lease.renew(0);
    lease.renew(400 * MS);
    lease.acknowledged(1, 10);
    assertThat(lease.renew(800 * MS).acknowledged()).as("the view is behind").isZero();
    lease.viewReached(10);
    assertThat(lease.renew(1_200 * MS).acknowledged()).isEqualTo(1);
    lease.acknowledged(3, 10);
    lease.acknowledged(2, 10);
    assertThat(lease.renew(1_600 * MS).acknowledged()).isEqualTo(3);
  }

  @Test
  void paused_whatWasSentBeforeDoesNotCount_butWasSeen() {
    lease.viewReached(10);
    lease.renew(0);
    lease.acknowledged(1, 10);
    lease.renew(400 * MS);
    lease.paused(500 * MS);
    assertThat(lease.holds(500 * MS)).isFalse();
    lease.acknowledged(2, 10);
    assertThat(lease.holds(510 * MS)).isFalse();
    assertThat(lease.renew(520 * MS).acknowledged()).isEqualTo(2);
    lease.acknowledged(3, 10);
    assertThat(lease.holds(530 * MS)).isTrue();
  }

  @Test
  void paused_acknowledgementsThatWaitForTheViewDoNotCountEither() {
    lease.renew(0);
    lease.acknowledged(1, 10);
    lease.paused(500 * MS);
    lease.viewReached(10);
    assertThat(lease.holds(510 * MS)).isFalse();
    assertThat(lease.renew(520 * MS).acknowledged()).isEqualTo(1);
  }

  @Test
  void ended_isForEver() {
    lease.viewReached(10);
    lease.renew(0);
    lease.acknowledged(1, 10);
    lease.renew(MS);
    lease.end();
    lease.acknowledged(2, 10);
    assertThat(lease.holds(2 * MS)).isFalse();
    assertThat(lease.ended()).isTrue();
    assertThatThrownBy(() -> lease.renew(3 * MS)).isInstanceOf(Invariant.Broken.class);
  }

  @Test
  void unanswered_renewalsAreForgottenInTheEnd() {
    lease.viewReached(10);
    for (int i = 0; i < 100; i++) {
      lease.renew(i * MS);
    }
    lease.acknowledged(1, 10);
    assertThat(lease.holds(100 * MS)).as("older than any lease").isFalse();
    lease.acknowledged(100, 10);
    assertThat(lease.holds(100 * MS)).isTrue();
  }

  @Test
  void times_thatWouldLetAGrantorBeImpatient_areRefused() {
    assertThatThrownBy(() -> new Times(400 * MS, 3_000 * MS, 150 * MS, 3_059 * MS, 750 * MS))
        .isInstanceOf(Invariant.Broken.class);
    assertThatThrownBy(() -> Times.of(1_100 * MS, 3_000 * MS)).isInstanceOf(Invariant.Broken.class);
    double slowHolder = TIMES.lease() / (1 - 1.0 / Times.RATE_ERROR);
    double fastGrantor = TIMES.grace() / (1 + 1.0 / Times.RATE_ERROR);
    assertThat(fastGrantor).isGreaterThan(slowHolder);
  }
}
