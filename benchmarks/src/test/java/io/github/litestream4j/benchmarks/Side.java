package io.github.litestream4j.benchmarks;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Who copies the database while the same transactions are written to it.
 */
interface Side extends AutoCloseable {

	/**
	 * The connection that the transactions are written with, in WAL mode.
	 * @return a new connection
	 */
	Connection connect() throws SQLException;

	/**
	 * The processor time that copying has cost so far.
	 * @return the time
	 */
	Duration cpuTime();

	@Override
	void close();

	/**
	 * Opens a side over a database that is there and that nobody has open.
	 */
	@FunctionalInterface
	interface Opener {

		Side open(Path database, Place place);

	}

}
