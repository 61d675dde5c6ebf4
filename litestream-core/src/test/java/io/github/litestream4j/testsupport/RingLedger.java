package io.github.litestream4j.testsupport;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Random;

/**
 * A ledger that does not grow: each transaction writes its number, and a row that depends
 * on it in the place of an old one. So the number of a copy says what all of it must be.
 */
public final class RingLedger {

	/** How many of the newest transactions leave a row. */
	private static final int SLOTS = 2000;

	private final Connection connection;

	private long last;

	/**
	 * Begin a ledger, or go on with one.
	 * @param connection where, in auto-commit mode
	 */
	public RingLedger(Connection connection) throws SQLException {
		this.connection = connection;
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE IF NOT EXISTS ring (slot INTEGER PRIMARY KEY, number INTEGER, data BLOB)");
			statement.execute("CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY, number INTEGER)");
			statement.execute("INSERT OR IGNORE INTO head VALUES (1, 0)");
			this.last = last(statement);
			connection.commit();
		}
		finally {
			connection.setAutoCommit(true);
		}
	}

	/**
	 * Commit the next number.
	 * @return the number
	 */
	public long commit() throws SQLException {
		long next = this.last + 1;
		this.connection.setAutoCommit(false);
		try (PreparedStatement head = this.connection.prepareStatement("UPDATE head SET number = ?");
				PreparedStatement ring = this.connection
					.prepareStatement("INSERT OR REPLACE INTO ring VALUES (?, ?, ?)")) {
			head.setLong(1, next);
			head.executeUpdate();
			ring.setLong(1, next % SLOTS);
			ring.setLong(2, next);
			ring.setBytes(3, data(next));
			ring.executeUpdate();
			this.connection.commit();
		}
		finally {
			this.connection.setAutoCommit(true);
		}
		this.last = next;
		return next;
	}

	public long last() {
		return this.last;
	}

	private static long last(Statement statement) throws SQLException {
		try (ResultSet rows = statement.executeQuery("SELECT number FROM head")) {
			rows.next();
			return rows.getLong(1);
		}
	}

	private static byte[] data(long number) {
		Random random = new Random(number);
		byte[] data = new byte[random.nextInt((random.nextInt(20) == 0) ? 8000 : 300)];
		random.nextBytes(data);
		return data;
	}

	/**
	 * Check a copy.
	 * @param database the copy, which nobody has open
	 * @return the number of its last transaction
	 * @throws AssertionError when it is not exactly the state after that transaction
	 */
	public static long verify(Path database) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement()) {
			try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
				check.next();
				require("ok".equals(check.getString(1)), database, check.getString(1));
			}
			if (isEmpty(statement)) {
				return 0;
			}
			long last = last(statement);
			long count = 0;
			try (ResultSet rows = statement.executeQuery("SELECT slot, number, data FROM ring")) {
				for (; rows.next(); count++) {
					long number = rows.getLong(2);
					require(number <= last && number > last - SLOTS && number % SLOTS == rows.getLong(1), database,
							"transaction %d is in slot %d, though the last one is %d".formatted(number, rows.getLong(1),
									last));
					byte[] data = rows.getBytes(3);
					require(Arrays.equals((data != null) ? data : new byte[0], data(number)), database,
							"the data of transaction " + number + " are not what it wrote");
				}
			}
			require(count == Math.min(last, SLOTS), database, count + " rows after transaction " + last);
			return last;
		}
	}

	/** Before there was a ledger. */
	private static boolean isEmpty(Statement statement) throws SQLException {
		try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM sqlite_schema")) {
			rows.next();
			return rows.getLong(1) == 0;
		}
	}

	private static void require(boolean condition, Path database, String found) {
		if (!condition) {
			throw new AssertionError(database + ": " + found);
		}
	}

}
