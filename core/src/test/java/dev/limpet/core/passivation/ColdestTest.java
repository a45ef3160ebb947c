package dev.limpet.core.passivation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ColdestTest {
  private record One(int uses, long time) {}

  private static List<One> chosen(List<One> all, int howMany) {
    Coldest coldest = new Coldest();
    all.forEach(one -> coldest.add(one.uses, one.time));
    coldest.choose(howMany);
    return all.stream().filter(one -> coldest.take(one.uses, one.time)).toList();
  }

  @Test
  void chosen_areTheLeastUsed_andAmongThemThoseOfLongAgo() {
    List<One> all = List.of(new One(2, 1), new One(1, 9), new One(15, 0), new One(1, 5));
    assertThat(chosen(all, 0)).isEmpty();
    assertThat(chosen(all, 1)).containsExactly(new One(1, 5));
    assertThat(chosen(all, 2)).containsExactly(new One(1, 9), new One(1, 5));
    assertThat(chosen(all, 3)).containsExactly(new One(2, 1), new One(1, 9), new One(1, 5));
    assertThat(chosen(all, 4)).containsExactlyElementsOf(all);
    assertThat(chosen(all, 99)).as("no more than there are").hasSize(4);
    assertThat(chosen(List.of(), 3)).isEmpty();
  }

  @Test
  void chosen_ofManyThatWereUsedAtOnce_areAsManyAsAskedFor() {
    List<One> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(new One(1, 7));
    }
    all.add(new One(1, 8));
    assertThat(chosen(all, 40)).hasSize(40).doesNotContain(new One(1, 8));
  }

  @Test
  void process_thatWasUsedAfterItWasAdded_isNotTaken() {
    Coldest coldest = new Coldest();
    coldest.add(3, 10);
    coldest.add(3, 20);
    coldest.choose(1);
    assertThat(coldest.take(3, 30)).isFalse();
  }

  @Test
  void chosen_areThoseThatSortingWouldPut_first() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<One> all = new ArrayList<>();
      int count = random.nextInt(300);
      for (int i = 0; i < count; i++) {
        all.add(new One(1 + random.nextInt(Uses.MAX), random.nextInt(20)));
      }
      int howMany = random.nextInt(320);
      Comparator<One> colder = Comparator.comparingInt(One::uses).thenComparingLong(One::time);
      List<One> expected = all.stream().sorted(colder).limit(howMany).toList();
      assertThat(chosen(all, howMany))
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
