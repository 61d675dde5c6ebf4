package io.github.litestream4j.benchmarks;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import io.github.litestream4j.testsupport.ChildProcess;

/**
 * The real Litestream in a process of its own, with its default settings.
 */
final class LitestreamSide implements Side {

	private static final Duration STOP = Duration.ofSeconds(30);

	private final Path database;

	private final ChildProcess process;

	private LitestreamSide(Path database, ChildProcess process) {
		this.database = database;
		this.process = process;
	}

	static LitestreamSide open(Path database, Place place) {
		Path log = database.resolveSibling("litestream.log");
		return new LitestreamSide(database, place.litestream().get().replicate(database, place.litestreamUrl(), log));
	}

	/**
	 * Without automatic checkpoints, as its guide advises for a busy database.
	 */
	@Override
	public Connection connect() throws SQLException {
		return AloneSide.open(this.database, "PRAGMA wal_autocheckpoint=0");
	}

	@Override
	public Duration cpuTime() {
		return ProcessHandle.of(this.process.pid())
			.flatMap((handle) -> handle.info().totalCpuDuration())
			.orElseThrow(() -> new IllegalStateException("litestream has ended: " + this.process.output()));
	}

	@Override
	public void close() {
		this.process.terminate(STOP);
	}

}
