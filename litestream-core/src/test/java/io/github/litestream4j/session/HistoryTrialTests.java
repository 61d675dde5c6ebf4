package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.LitestreamBinary;
import io.github.litestream4j.testsupport.trial.HistoryTrial;
import io.github.litestream4j.testsupport.trial.TrialPlace;
import io.github.litestream4j.testsupport.trial.TrialSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Twenty seconds of what the program {@code HistoryRun} of the benchmarks does for ten
 * minutes.
 */
class HistoryTrialTests {

	@TempDir
	Path folder;

	@Test
	void everyStateThatIsKeptIsRestoredExactly() throws Exception {
		HistorySettings history = new HistorySettings(
				List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4)), Duration.ofSeconds(3),
				Duration.ofSeconds(2), Duration.ofSeconds(6), true, false, Duration.ZERO);
		TrialSettings settings = new TrialSettings(Duration.ofSeconds(20), Duration.ofSeconds(2), history,
				Duration.ofMillis(100), 200, Duration.ofMillis(200), Duration.ofMillis(40), 8);
		Path replica = this.folder.resolve("replica");
		TrialPlace place = new TrialPlace(Files.createDirectory(this.folder.resolve("work")),
				new FileReplicaStorage(replica), LitestreamBinary.current(), LitestreamBinary.url(replica));
		new HistoryTrial(place, settings, System.out::println).run();
	}

}
