package io.github.litestream4j.torture;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a database whole, and says which entry it is the state of.
 */
final class LedgerCheck {

	private LedgerCheck() {
	}

	/**
	 * Check a file that nobody has open.
	 * @return the entry whose state it is
	 * @throws Violation when it is the state of none
	 */
	static Entry of(Path database) {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
			return of(connection, database.toString());
		}
		catch (SQLException ex) {
			throw new Violation(database + " cannot be read: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Every entry of a file that nobody has open.
	 */
	static List<Entry> entries(Path database) {
		List<Entry> entries = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT seq, state, chain FROM ledger ORDER BY seq")) {
			while (rows.next()) {
				entries.add(new Entry(rows.getLong(1), rows.getLong(2), rows.getLong(3)));
			}
			return entries;
		}
		catch (SQLException ex) {
			throw new Violation(database + " cannot be read: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Check as one connection sees it, in one read transaction.
	 */
	static Entry of(Connection connection, String name) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("BEGIN");
			try {
				integrity(statement, name);
				Entry last = chain(statement, name);
				long state = state(statement, name);
				if (state != last.state()) {
					throw new Violation(
							"%s: the rows have the hash %d, but the ledger ends with %s".formatted(name, state, last));
				}
				return last;
			}
			finally {
				statement.execute("COMMIT");
			}
		}
	}

	private static void integrity(Statement statement, String name) throws SQLException {
		try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check")) {
			rows.next();
			if (!"ok".equals(rows.getString(1))) {
				throw new Violation(name + " fails integrity_check: " + rows.getString(1));
			}
		}
	}

	private static Entry chain(Statement statement, String name) throws SQLException {
		Entry last = Entry.NONE;
		try (ResultSet rows = statement.executeQuery("SELECT seq, state, chain FROM ledger ORDER BY seq")) {
			while (rows.next()) {
				Entry found = new Entry(rows.getLong(1), rows.getLong(2), rows.getLong(3));
				Entry expected = last.next(found.state() - last.state());
				if (!found.equals(expected)) {
					throw new Violation(
							"%s: in the ledger %s follows %s, not %s".formatted(name, found, last, expected));
				}
				last = found;
			}
		}
		return last;
	}

	private static long state(Statement statement, String name) throws SQLException {
		long state = 0;
		for (String table : tables(statement)) {
			try (ResultSet rows = statement.executeQuery("SELECT id, h, data FROM " + table)) {
				while (rows.next()) {
					long hash = RowHash.of(table, rows.getLong(1), rows.getBytes(3));
					if (hash != rows.getLong(2)) {
						throw new Violation("%s: row %d of %s has the hash %d, and says %d".formatted(name,
								rows.getLong(1), table, hash, rows.getLong(2)));
					}
					state += hash;
				}
			}
		}
		return state;
	}

	static List<String> tables(Statement statement) throws SQLException {
		List<String> tables = new ArrayList<>();
		try (ResultSet rows = statement
			.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'c_[0-9]*'")) {
			while (rows.next()) {
				tables.add(rows.getString(1));
			}
		}
		return tables;
	}

	static Entry last(Statement statement) throws SQLException {
		try (ResultSet rows = statement
			.executeQuery("SELECT seq, state, chain FROM ledger ORDER BY seq DESC LIMIT 1")) {
			return rows.next() ? new Entry(rows.getLong(1), rows.getLong(2), rows.getLong(3)) : Entry.NONE;
		}
	}

}
