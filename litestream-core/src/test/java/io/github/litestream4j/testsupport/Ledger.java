package io.github.litestream4j.testsupport;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/**
 * An oracle for whatever copies a database: each transaction writes the next number, and
 * other rows that churn pages, so that a copy is right only when it holds exactly the
 * numbers 1 to some n.
 */
public final class Ledger {

	private final Connection connection;

	private final Random random;

	private long last;

	/**
	 * Keep a ledger.
	 * @param connection where, in auto-commit mode
	 * @param seed of what churns
	 */
	public Ledger(Connection connection, long seed) throws SQLException {
		this.connection = connection;
		this.random = new Random(seed);
		execute("CREATE TABLE IF NOT EXISTS ledger (seq INTEGER PRIMARY KEY, sum INTEGER NOT NULL)");
		execute("CREATE TABLE IF NOT EXISTS churn (id INTEGER PRIMARY KEY, data BLOB)");
		this.last = last(connection);
	}

	/**
	 * Commit the next number.
	 * @return the number
	 */
	public long commit() throws SQLException {
		long next = this.last + 1;
		this.connection.setAutoCommit(false);
		try (PreparedStatement ledger = this.connection
			.prepareStatement("INSERT INTO ledger VALUES (?, (SELECT coalesce(max(sum), 0) FROM ledger) + ?)");
				PreparedStatement churn = this.connection
					.prepareStatement("INSERT OR REPLACE INTO churn VALUES (?, ?)")) {
			ledger.setLong(1, next);
			ledger.setLong(2, next);
			ledger.executeUpdate();
			byte[] data = new byte[this.random.nextInt(this.random.nextInt(20) == 0 ? 20_000 : 300)];
			this.random.nextBytes(data);
			churn.setInt(1, this.random.nextInt(200));
			churn.setBytes(2, data);
			churn.executeUpdate();
			this.connection.commit();
		}
		finally {
			this.connection.setAutoCommit(true);
		}
		this.last = next;
		return next;
	}

	public void execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
	}

	public long last() {
		return this.last;
	}

	private static long last(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT coalesce(max(seq), 0) FROM ledger")) {
			rows.next();
			return rows.getLong(1);
		}
	}

	/**
	 * Check a copy.
	 * @param database the copy
	 * @return the last number in it
	 * @throws AssertionError when it is not a prefix, or damaged
	 */
	public static long verify(Path database) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
				check.next();
				if (!"ok".equals(check.getString(1))) {
					throw new AssertionError(database + ": " + check.getString(1));
				}
			}
			try (ResultSet rows = statement
				.executeQuery("SELECT count(*), coalesce(max(seq), 0), coalesce(max(sum), 0) FROM ledger")) {
				rows.next();
				long last = rows.getLong(2);
				if (rows.getLong(1) != last || rows.getLong(3) != last * (last + 1) / 2) {
					throw new AssertionError("%s: %d rows up to %d with the sum %d are no prefix".formatted(database,
							rows.getLong(1), last, rows.getLong(3)));
				}
				return last;
			}
		}
	}

}
