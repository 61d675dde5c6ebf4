package io.github.litestream4j.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.sqlite.SQLiteCommitListener;
import org.sqlite.SQLiteConnection;

/**
 * Makes a physical connection fit for replication, once: WAL mode, no checkpoints of its
 * own, the busy timeout, and a listener that reports each commit. Safe for use by several
 * threads, on different connections.
 */
public final class ConnectionPreparation {

	private final ConnectionSettings settings;

	private final Runnable onCommit;

	/**
	 * Create a preparation.
	 * @param settings what connections are set to
	 * @param onCommit called on the writer's thread just before a commit's frames are
	 * written, for write transactions only (those of temporary tables included); must
	 * return at once and never throw
	 */
	public ConnectionPreparation(ConnectionSettings settings, Runnable onCommit) {
		this.settings = settings;
		this.onCommit = onCommit;
	}

	/**
	 * Prepare a connection that is in no transaction.
	 * @param connection the physical connection
	 * @throws SQLException when SQLite does not take a setting
	 */
	public void prepare(SQLiteConnection connection) throws SQLException {
		connection.setBusyTimeout(this.settings.busyTimeoutMillis());
		try (Statement statement = connection.createStatement()) {
			String mode = query(statement, "PRAGMA journal_mode=WAL");
			if (!mode.equalsIgnoreCase("wal")) {
				throw new SQLException("replication needs journal_mode=WAL, but SQLite stays in '" + mode + "' for "
						+ ShownUrl.of(connection.getUrl())
						+ ": is the file read-only, or its file system without shared memory?");
			}
			query(statement, "PRAGMA wal_autocheckpoint=0");
			long pageSize = Long.parseLong(query(statement, "PRAGMA page_size"));
			query(statement, "PRAGMA journal_size_limit=" + pageSize * this.settings.maxWalPages());
		}
		connection.addCommitListener(new Listener(this.onCommit));
	}

	/**
	 * Close a connection that could not be prepared.
	 * @param connection the connection, physical or not
	 * @param failure why; a failure to close is added to it
	 */
	public static void giveUp(Connection connection, Exception failure) {
		try {
			connection.close();
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
		}
	}

	private static String query(Statement statement, String sql) throws SQLException {
		try (ResultSet rows = statement.executeQuery(sql)) {
			if (!rows.next()) {
				throw new SQLException("'" + sql + "' gave no answer");
			}
			return rows.getString(1);
		}
	}

	/**
	 * A rollback writes nothing that a reader of the WAL could see.
	 *
	 * @param committing called for each commit
	 */
	private record Listener(Runnable committing) implements SQLiteCommitListener {

		@Override
		public void onCommit() {
			this.committing.run();
		}

		@Override
		public void onRollback() {
		}

	}

}
