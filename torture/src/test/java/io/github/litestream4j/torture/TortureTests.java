package io.github.litestream4j.torture;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;

/**
 * {@code -Dtorture.minutes=N} for as long as one likes, {@code -Dtorture.seed=S} to
 * repeat what was drawn. After a violation the folder {@code target/torture} has the
 * database, its staging, its replica and the application's log, as they were.
 */
class TortureTests {

	@Test
	void noHistoryBecomesWrong() {
		long seed = Long.getLong("torture.seed", Torture.newSeed());
		double minutes = Double.parseDouble(System.getProperty("torture.minutes", "2"));
		Torture.run(seed, minutes, Path.of("target", "torture").toAbsolutePath());
	}

}
