package io.github.litestream4j.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/**
 * What one side did with one workload.
 *
 * @param log the commits
 * @param lags how long they took to the store, {@code null} when nobody stored them
 * @param cpuTime the processor time that storing them cost
 * @param writerTime the processor time of the thread that wrote
 */
record Run(CommitLog log, @Nullable Lags lags, Duration cpuTime, Duration writerTime) {

	private static final Duration START = Duration.ofSeconds(60);

	/** Whoever falls behind at full speed may catch up for so long. */
	private static final Duration CATCH_UP = Duration.ofMinutes(3);

	private static final Duration WARM_UP = Duration.ofSeconds(2);

	/**
	 * Nobody stores anything.
	 * @param folder the database's, made here
	 * @param workload the commits
	 */
	static Run alone(Path folder, Workload workload) throws IOException, SQLException {
		Path database = create(folder);
		AloneSide side = new AloneSide(database);
		CommitLog log = new CommitLog();
		try (Connection connection = side.connect(); Ticks ticks = Ticks.on(connection, new Random(1))) {
			Workload.paced(100, WARM_UP).run(ticks, new CommitLog());
			Duration writer = threadTime();
			workload.run(ticks, log);
			return new Run(log, null, Duration.ZERO, threadTime().minus(writer));
		}
	}

	/**
	 * A side stores it. The first seconds do not count.
	 * @param folder the database's, made here
	 * @param place where to store
	 * @param opener the side
	 * @param pause how exact lag must be
	 * @param workload the commits
	 */
	static Run with(Path folder, Place place, Side.Opener opener, Duration pause, Workload workload)
			throws IOException, SQLException, TimeoutException {
		Path database = create(folder);
		CommitLog log = new CommitLog();
		try (LagProbe probe = LagProbe.of(place.level0(), pause);
				Side side = opener.open(database, place);
				Connection connection = side.connect();
				Ticks ticks = Ticks.on(connection, new Random(1))) {
			Workload.paced(100, WARM_UP).run(ticks, new CommitLog());
			probe.awaitStored(ticks.last(), START);
			Duration before = side.cpuTime();
			Duration writerBefore = threadTime();
			workload.run(ticks, log);
			Duration writer = threadTime().minus(writerBefore);
			Times storedAt = probe.awaitStored(log.last(), CATCH_UP);
			return new Run(log, log.lags(storedAt), side.cpuTime().minus(before), writer);
		}
	}

	private static Duration threadTime() {
		return Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
	}

	private static Path create(Path folder) throws IOException, SQLException {
		Path database = Files.createDirectories(folder).resolve("app.db");
		try (Connection connection = AloneSide.open(database, "PRAGMA wal_autocheckpoint=1000")) {
			Ticks.create(connection, new Random(0));
		}
		return database;
	}

}
