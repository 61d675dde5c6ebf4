package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What can be set, and what is refused.
 */
class SettingsTests {

	@ParameterizedTest
	@CsvSource({ "0, PT1M, 10, checkpoint.min-pages", "-1, PT1M, 10, checkpoint.min-pages",
			"11, PT1M, 10, checkpoint.max-pages", "1, PT0S, 10, checkpoint.interval",
			"1, PT-1S, 10, checkpoint.interval" })
	void checkpointsThatMakeNoSense(int minPages, Duration interval, int maxPages, String named) {
		assertThatIllegalArgumentException().isThrownBy(() -> new CheckpointSettings(minPages, interval, maxPages))
			.withMessageContaining(named);
	}

	@Test
	void theLeastCheckpointsThatMakeSense() {
		assertThat(new CheckpointSettings(1, Duration.ofNanos(1), 1).minPages()).isOne();
	}

	@Test
	void aRelativeDatabaseIsMadeAbsoluteWithItsStagingBesideIt() {
		ReplicatorSettings settings = ReplicatorSettings.of("app", Path.of("data/../data/app.db"));
		assertThat(settings.database()).isAbsolute().isEqualTo(Path.of("data/app.db").toAbsolutePath());
		assertThat(settings.stagingDirectory()).isEqualTo(settings.database().resolveSibling(".app.db-litestream"));
		assertThat(settings.jdbcUrl()).isEqualTo("jdbc:sqlite:" + settings.database());
	}

	@Test
	void backoffGrowsToTenSecondsWithAHalfLeftToChance() {
		Backoff backoff = new Backoff();
		long[] most = { 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000 };
		for (int round = 0; round < 2; round++) {
			for (long millis : most) {
				assertThat(backoff.next()).isBetween(Duration.ofMillis(millis / 2), Duration.ofMillis(millis));
			}
			assertThat(backoff.failures()).isEqualTo(most.length);
			backoff.reset();
		}
		for (int i = 0; i < 5000; i++) {
			assertThat(backoff.next()).isBetween(Duration.ofMillis(50), Duration.ofSeconds(10));
		}
	}

}
