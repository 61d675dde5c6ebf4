package io.github.litestream4j.torture;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;

/**
 * Writes transactions, each with its entry in the ledger. Several may write to one
 * database, each with a connection of its own.
 */
final class LedgerWriter {

	private static final int IDS = 250;

	private static final long FAT = 4_000_000;

	private final Connection connection;

	private final Journal.Writer journal;

	private final Random random;

	private final int bigOnes;

	/** What this transaction has changed the state by. */
	private long delta;

	LedgerWriter(Connection connection, Journal.Writer journal, Random random, int bigOnes) {
		this.connection = connection;
		this.journal = journal;
		this.random = random;
		this.bigOnes = bigOnes;
	}

	/** Write one transaction, or roll it back. */
	void write() throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute("BEGIN IMMEDIATE");
			boolean ended = false;
			try {
				this.delta = 0;
				change(statement);
				if (this.random.nextInt(12) == 0) {
					statement.execute("ROLLBACK");
					ended = true;
					return;
				}
				Entry next = LedgerCheck.last(statement).next(this.delta);
				statement.execute(
						"INSERT INTO ledger VALUES (%d, %d, %d)".formatted(next.seq(), next.state(), next.chain()));
				this.journal.intend(next);
				statement.execute("COMMIT");
				ended = true;
				this.journal.committed(next);
			}
			finally {
				if (!ended) {
					statement.execute("ROLLBACK");
				}
			}
		}
	}

	/** What a transaction must not do, or what belongs to no entry. */
	void maintain() throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			switch (this.random.nextInt(4)) {
				case 0 -> statement.execute("VACUUM");
				case 1 -> statement.execute("PRAGMA incremental_vacuum(" + this.random.nextInt(20) + ")");
				case 2 -> statement.execute("ANALYZE");
				default -> statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
			}
		}
	}

	private void change(Statement statement) throws SQLException {
		if (size(statement) > FAT) {
			for (String table : LedgerCheck.tables(statement)) {
				delete(statement, table, "id % 3 <> " + this.random.nextInt(3));
			}
		}
		int changes = 1 + this.random.nextInt((this.random.nextInt(8) == 0) ? 30 : 4);
		for (int i = 0; i < changes; i++) {
			changeOnce(statement);
		}
		if (this.random.nextInt(6) == 0) {
			savepoint(statement);
		}
	}

	private void savepoint(Statement statement) throws SQLException {
		long before = this.delta;
		statement.execute("SAVEPOINT inner");
		for (int i = this.random.nextInt(6); i >= 0; i--) {
			changeOnce(statement);
		}
		if (this.random.nextBoolean()) {
			statement.execute("ROLLBACK TO inner");
			this.delta = before;
		}
		statement.execute("RELEASE inner");
	}

	private void changeOnce(Statement statement) throws SQLException {
		List<String> tables = LedgerCheck.tables(statement);
		String table = tables.get(this.random.nextInt(tables.size()));
		switch (this.random.nextInt(24)) {
			case 0 -> delete(statement, table, "id % 7 = " + this.random.nextInt(7));
			case 1 -> delete(statement, table, "id > " + this.random.nextInt(2 * IDS));
			case 2 -> define(statement, table, tables);
			default -> put(statement, table);
		}
	}

	private void put(Statement statement, String table) throws SQLException {
		int id = 1 + this.random.nextInt(IDS);
		int most = switch (this.random.nextInt(40)) {
			case 0 -> 20_000;
			case 1, 2, 3 -> 3_000;
			default -> 250;
		};
		boolean big = this.bigOnes > 0 && this.random.nextInt(this.bigOnes) == 0;
		byte[] data = new byte[this.random.nextInt(big ? 600_000 : most)];
		this.random.nextBytes(data);
		long hash = RowHash.of(table, id, data);
		this.delta += hash - sum(statement, table, "id = " + id);
		String sql = this.random.nextBoolean() ? "INSERT OR REPLACE INTO %s (id, h, data) VALUES (?1, ?2, ?3)"
				: "INSERT INTO %s (id, h, data) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET h = ?2, data = ?3";
		try (PreparedStatement put = this.connection.prepareStatement(sql.formatted(table))) {
			put.setInt(1, id);
			put.setLong(2, hash);
			put.setBytes(3, data);
			put.executeUpdate();
		}
	}

	private void delete(Statement statement, String table, String where) throws SQLException {
		this.delta -= sum(statement, table, where);
		statement.execute("DELETE FROM " + table + " WHERE " + where);
	}

	private void define(Statement statement, String table, List<String> tables) throws SQLException {
		String other = "c_" + (2 + this.random.nextInt(3));
		switch (this.random.nextInt(3)) {
			case 0 -> statement.execute("CREATE INDEX IF NOT EXISTS i_" + table + " ON " + table + " (h, id)");
			case 1 -> statement.execute("DROP INDEX IF EXISTS i_" + table);
			default -> {
				if (tables.contains(other)) {
					this.delta -= sum(statement, other, "true");
					statement.execute("DROP TABLE " + other);
				}
				else {
					statement.execute("CREATE TABLE " + other + " (id INTEGER PRIMARY KEY, h INTEGER, data BLOB)");
				}
			}
		}
	}

	private static long sum(Statement statement, String table, String where) throws SQLException {
		return number(statement, "SELECT coalesce(sum(h), 0) FROM " + table + " WHERE " + where);
	}

	private static long size(Statement statement) throws SQLException {
		return number(statement, "PRAGMA page_count") * number(statement, "PRAGMA page_size");
	}

	private static long number(Statement statement, String sql) throws SQLException {
		try (ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getLong(1);
		}
	}

}
