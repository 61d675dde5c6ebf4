package io.github.litestream4j.history;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When a damaged file is looked at again.
 */
class DamagesTests {

	private final TestClock clock = new TestClock();

	@Test
	void aClockThatIsPutBackPutsItNotOff() {
		StoredFile file = new StoredFile(StoredHistory.key(0, 2, 2), 500, Instant.EPOCH);
		Damages damages = new Damages(ReplicaIndex.of(List.of(file)), "replica");
		damages.add(file, "it is damaged", this.clock.instant());
		assertThat(damages.due(this.clock.instant())).isEqualTo(this.clock.instant().plus(Damages.PAUSE));
		this.clock.forward(Duration.ofDays(-1));
		Instant due = this.clock.instant().plus(Damages.PAUSE);
		assertThat(damages.due(this.clock.instant())).isEqualTo(due);
		this.clock.forward(Duration.ofMinutes(1));
		assertThat(damages.due(this.clock.instant())).isEqualTo(due);
		assertThat(damages.forget(this.clock.instant())).isEmpty();
		this.clock.forward(Damages.PAUSE);
		assertThat(damages.forget(this.clock.instant())).containsExactly(0);
	}

}
