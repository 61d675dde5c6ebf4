package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class TicksTests {

	@TempDir
	Path folder;

	@Test
	void numbersOfStoredCommitsAreReadBack() throws Exception {
		Path database = this.folder.resolve("app.db");
		Place place = Place.folder(this.folder.resolve("replica"));
		Side alone = new AloneSide(database);
		try (Connection connection = alone.connect()) {
			Ticks.create(connection, new Random(0));
		}
		try (LagProbe probe = LagProbe.of(place.level0(), Duration.ofMillis(1));
				Side ours = OurSide.open(database, place, Duration.ZERO);
				Connection connection = ours.connect();
				Ticks ticks = Ticks.on(connection, new Random(1))) {
			CommitLog log = new CommitLog();
			Workload.paced(200, Duration.ofSeconds(1)).run(ticks, log);
			Times storedAt = probe.awaitStored(200, Duration.ofSeconds(30));
			for (int number = 2; number <= 200; number++) {
				assertThat(storedAt.get(number)).isPositive().isGreaterThanOrEqualTo(storedAt.get(number - 1));
			}
			assertThat(log.count()).isEqualTo(200);
			assertThat(log.lags(storedAt).max()).isLessThan(Duration.ofSeconds(30));
		}
		assertThat(newestOf(place.level0())).isSorted().endsWith(200L);
	}

	private static List<Long> newestOf(Path folder) throws Exception {
		try (Stream<Path> files = Files.list(folder)) {
			return files.sorted().map(TicksTests::newest).toList();
		}
	}

	private static long newest(Path file) {
		try {
			return Ticks.newest(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void aPageOfOtherBytesHoldsNoNumber() {
		byte[] page = new byte[4096];
		new Random(2).nextBytes(page);
		assertThat(Ticks.newest(page)).isZero();
	}

	@Test
	void numbersGoUpByOne() throws SQLException {
		try (Connection connection = new AloneSide(this.folder.resolve("app.db")).connect()) {
			Ticks.create(connection, new Random(0));
			try (Ticks ticks = Ticks.on(connection, new Random(1))) {
				assertThat(ticks.commit()).isEqualTo(1);
				assertThat(ticks.commit()).isEqualTo(2);
				assertThat(ticks.last()).isEqualTo(2);
			}
		}
	}

}
