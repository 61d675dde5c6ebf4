package io.github.litestream4j.database;

import java.sql.Connection;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

/**
 * The read transaction that keeps the WAL from being restarted by anybody, and its
 * hand-over to a newer one without a gap between the two. Not safe for use by several
 * threads.
 */
final class ReadGuard implements AutoCloseable {

	private final ConnectionSource source;

	private @Nullable Connection holding;

	private @Nullable Connection spare;

	/** Whether the spare connection may be in a transaction that could not be ended. */
	private boolean broken;

	/**
	 * Open the connections, and hold nothing yet.
	 * @param source opens a connection that only reads
	 */
	ReadGuard(ConnectionSource source) throws SQLException {
		this.source = source;
		this.spare = source.open();
	}

	/**
	 * Hold a read transaction that begins now, and then end the one before.
	 * @throws SQLException when that failed: the one before is held still, or the new one
	 * is held already
	 */
	void renew() throws SQLException {
		Connection next = spare();
		begin(next);
		Connection former = this.holding;
		this.holding = next;
		this.spare = former;
		if (former != null) {
			end(former);
		}
	}

	private Connection spare() throws SQLException {
		if (this.broken && this.spare != null) {
			this.spare.close();
			this.spare = null;
		}
		this.broken = false;
		Connection spare = this.spare;
		if (spare == null) {
			spare = this.source.open();
			this.spare = spare;
		}
		return spare;
	}

	private void begin(Connection connection) throws SQLException {
		Connections.execute(connection, "BEGIN");
		try {
			// A transaction takes its read lock with its first read
			Connections.queryString(connection, "SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)");
		}
		catch (SQLException ex) {
			try {
				end(connection);
			}
			catch (SQLException rollback) {
				ex.addSuppressed(rollback);
			}
			throw ex;
		}
	}

	private void end(Connection connection) throws SQLException {
		this.broken = true;
		Connections.execute(connection, "ROLLBACK");
		this.broken = false;
	}

	@Override
	public void close() throws SQLException {
		// Closing ends a transaction. These two are the last ones, and read-only: the WAL
		// stays
		try {
			if (this.spare != null) {
				this.spare.close();
			}
		}
		finally {
			if (this.holding != null) {
				this.holding.close();
			}
		}
	}

}
