package dev.limpet.core.voters;

import dev.limpet.core.forming.Founder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who of the voters answers, and with which disk: says why nothing can be decided, and what would help. */
/*
 * A voter is a node with its storage. A node that answers with another storage is there, but has forgotten what it voted
 * for: its vote is as lost as that of a dead one, and no start of anything brings it back.
 */
public final class Census {
  private final int voters;
  private final List<Founder> voting = new ArrayList<>();
  private final List<Founder> silent = new ArrayList<>();
  private final List<Founder> emptied = new ArrayList<>();

  /**
   * Takes the answers.
   *
   * @param voters who votes, each with the storage that it votes from
   * @param answers who each voter says that it is, by name; without those that are silent
   */
  public Census(List<Founder> voters, Map<String, Founder> answers) {
    this.voters = voters.size();
    for (Founder voter : voters) {
      @Nullable Founder answer = answers.get(voter.node());
      if (answer == null) {
        silent.add(voter);
      } else if (answer.is(voter)) {
        voting.add(voter);
      } else {
        emptied.add(voter);
      }
    }
  }

  /** Why nothing can be decided, and what to do about it, in a few sentences; null if a majority of voters answers. */
  public @Nullable String hindrance() {
    int needed = voters / 2 + 1;
    int missing = needed - voting.size();
    if (missing <= 0) {
      return null;
    }
    String text =
        needed + " of " + voters + " voters are needed to decide anything, and " + present();
    if (!silent.isEmpty()) {
      text +=
          "; no answer from "
              + silent.stream()
                  .map(f -> f.node() + " (" + f.address() + ")")
                  .collect(Collectors.joining(", "));
    }
    if (!emptied.isEmpty()) {
      text += "; another disk than the one that votes has " + names(emptied);
    }
    return text + ". " + advice(missing);
  }

  private String present() {
    return switch (voting.size()) {
      case 0 -> "there is none";
      case 1 -> "there is only " + names(voting);
      default -> "there are only " + names(voting);
    };
  }

  private String advice(int missing) {
    if (silent.size() >= missing) {
      return "Start "
          + (silent.size() == missing ? names(silent) : missing + " of " + names(silent))
          + ", with the data directories that they had";
    }
    int restored = missing - silent.size();
    return "Put back the data "
        + (restored == 1 ? "directory" : "directories")
        + " of "
        + (restored == emptied.size() ? names(emptied) : restored + " of " + names(emptied))
        + (silent.isEmpty() ? "" : ", and start " + names(silent))
        + ". --form does not help here: it is for seeds that belong to no cluster. If those disks are lost, so is the"
        + " majority that has all that was saved: a new cluster, without it, begins when every first node is"
        + " started with an empty data directory";
  }

  private static String names(List<Founder> some) {
    return some.stream().map(Founder::node).collect(Collectors.joining(", "));
  }
}
