package io.github.litestream4j.database;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The read transaction that keeps the WAL from being restarted by anybody, and its
 * hand-over to a newer one without a gap between the two. Not safe for use by several
 * threads.
 */
final class ReadGuard implements AutoCloseable {

	private Connection holding;

	private Connection spare;

	private boolean held;

	ReadGuard(Connection first, Connection second) {
		this.holding = first;
		this.spare = second;
	}

	/**
	 * Hold a read transaction that begins now, and then end the one before.
	 */
	void renew() throws SQLException {
		begin(this.spare);
		Connection former = this.holding;
		this.holding = this.spare;
		this.spare = former;
		if (this.held) {
			Connections.execute(former, "ROLLBACK");
		}
		this.held = true;
	}

	private static void begin(Connection connection) throws SQLException {
		Connections.execute(connection, "BEGIN");
		try {
			// A transaction takes its read lock with its first read
			Connections.queryString(connection, "SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)");
		}
		catch (SQLException ex) {
			try {
				Connections.execute(connection, "ROLLBACK");
			}
			catch (SQLException rollback) {
				ex.addSuppressed(rollback);
			}
			throw ex;
		}
	}

	@Override
	public void close() throws SQLException {
		// Closing ends a transaction. These two are the last ones, and read-only: the WAL
		// stays
		try {
			this.spare.close();
		}
		finally {
			this.holding.close();
		}
	}

}
