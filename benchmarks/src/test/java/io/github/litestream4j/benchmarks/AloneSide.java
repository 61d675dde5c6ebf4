package io.github.litestream4j.benchmarks;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Nobody: SQLite with its own checkpoints.
 *
 * @param database the database file
 */
record AloneSide(Path database) implements Side {

	@Override
	public Connection connect() throws SQLException {
		return open(this.database, "PRAGMA wal_autocheckpoint=1000");
	}

	/**
	 * A connection without any part of ours.
	 * @param database the database file
	 * @param pragma what is set besides
	 * @return the connection
	 */
	static Connection open(Path database, String pragma) throws SQLException {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
		try (Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA busy_timeout=5000");
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("PRAGMA synchronous=NORMAL");
			statement.execute(pragma);
		}
		return connection;
	}

	@Override
	public Duration cpuTime() {
		return Duration.ZERO;
	}

	@Override
	public void close() {
		// nothing runs
	}

}
