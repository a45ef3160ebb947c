package dev.limpet.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limpet.LimpetApp;
import java.time.Duration;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class VisitsTest extends LocalLimpetTest {
  @Test
  void hit_countsSinceActivation() {
    Visits visits = limpet.get(Visits.class, "front-page");
    assertThat(visits.hit()).isEqualTo(1);
    assertThat(visits.hit()).isEqualTo(2);
  }

  @Test
  void passivation_startsTheCountAgain() {
    Visits visits = limpet.get(Visits.class, "front-page");
    visits.hit();
    visits.hit();
    clock.advance(Duration.ofHours(1));
    assertThat(visits.hit()).isEqualTo(1);
  }

  @Test
  void application_isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(LimpetApp.class)).singleElement().isInstanceOf(ExampleApp.class);
  }
}
