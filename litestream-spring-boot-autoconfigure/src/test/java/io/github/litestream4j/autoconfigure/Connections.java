package io.github.litestream4j.autoconfigure;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What tests ask connections.
 */
final class Connections {

	private Connections() {
	}

	/**
	 * Every connection of a pool is prepared: they are borrowed all at once.
	 */
	static void assertAllPrepared(DataSource dataSource, int size) throws SQLException {
		List<Connection> borrowed = new ArrayList<>();
		try {
			for (int i = 0; i < size; i++) {
				Connection connection = dataSource.getConnection();
				borrowed.add(connection);
				assertThat(query(connection, "PRAGMA journal_mode")).isEqualTo("wal");
				assertThat(query(connection, "PRAGMA wal_autocheckpoint")).isEqualTo("0");
				assertThat(query(connection, "PRAGMA busy_timeout")).isEqualTo("5000");
			}
		}
		finally {
			for (Connection connection : borrowed) {
				connection.close();
			}
		}
	}

	static String query(DataSource dataSource, String sql) {
		try (Connection connection = dataSource.getConnection()) {
			return query(connection, sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			assertThat(rows.next()).isTrue();
			return rows.getString(1);
		}
	}

	static void execute(DataSource dataSource, String sql) {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
			if (!connection.getAutoCommit()) {
				connection.commit();
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
