package io.github.litestream4j.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link LitestreamDataSource} and {@link ConnectionPreparation}.
 */
class LitestreamDataSourceTests {

	private static final ConnectionSettings SETTINGS = new ConnectionSettings(Duration.ofMillis(4321), 1000);

	private final AtomicInteger commits = new AtomicInteger();

	@TempDir
	Path folder;

	@Test
	void f15PreparesEachConnection() throws SQLException {
		LitestreamDataSource dataSource = dataSource("?busy_timeout=1", Map.of());
		for (int i = 0; i < 3; i++) {
			try (Connection connection = dataSource.getConnection()) {
				assertThat(pragma(connection, "journal_mode")).isEqualTo("wal");
				assertThat(pragma(connection, "wal_autocheckpoint")).isEqualTo("0");
				assertThat(pragma(connection, "busy_timeout")).isEqualTo("4321");
				assertThat(pragma(connection, "journal_size_limit")).isEqualTo("4096000");
			}
		}
	}

	@Test
	void limitsTheWalByTheSizeOfThePages() throws SQLException {
		try (Connection connection = dataSource("?page_size=512", Map.of()).getConnection()) {
			execute(connection, "CREATE TABLE t (x)");
		}
		try (Connection connection = dataSource("", Map.of()).getConnection()) {
			assertThat(pragma(connection, "journal_size_limit")).isEqualTo("512000");
		}
	}

	@Test
	void handsTheApplicationsPropertiesToTheDriver() throws SQLException {
		Map<String, String> properties = Map.of("foreign_keys", "true", "synchronous", "NORMAL", "cache_size", "123");
		try (Connection connection = dataSource("?cache_size=7", properties).getConnection("user", "secret")) {
			assertThat(pragma(connection, "foreign_keys")).isEqualTo("1");
			assertThat(pragma(connection, "synchronous")).isEqualTo("1");
			assertThat(pragma(connection, "cache_size")).isEqualTo("123");
		}
	}

	@Test
	void givesTheDriversOwnConnection() throws SQLException {
		LitestreamDataSource dataSource = dataSource("", Map.of());
		try (Connection connection = dataSource.getConnection()) {
			assertThat(connection).isInstanceOf(SQLiteConnection.class);
			assertThat(connection.unwrap(SQLiteConnection.class)).isSameAs(connection);
		}
		assertThat(dataSource.unwrap(LitestreamDataSource.class)).isSameAs(dataSource);
		assertThat(dataSource.isWrapperFor(SQLiteConnection.class)).isFalse();
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> dataSource.unwrap(SQLiteConnection.class));
	}

	@Test
	void reportsCommitsOfWritesOnly() throws SQLException {
		try (Connection connection = dataSource("", Map.of()).getConnection()) {
			execute(connection, "CREATE TABLE t (x)");
			assertThat(this.commits).hasValue(1);
			execute(connection, "INSERT INTO t VALUES (1)");
			assertThat(this.commits).hasValue(2);
			connection.setAutoCommit(false);
			execute(connection, "INSERT INTO t VALUES (2)");
			execute(connection, "INSERT INTO t VALUES (3)");
			connection.rollback();
			assertThat(this.commits).hasValue(2);
			assertThat(pragma(connection, "page_count")).isEqualTo("2");
			connection.commit();
			assertThat(this.commits).hasValue(2);
			execute(connection, "INSERT INTO t VALUES (4)");
			assertThat(this.commits).hasValue(2);
			connection.commit();
			assertThat(this.commits).hasValue(3);
		}
	}

	@Test
	void reportsACommitOnTheWritersThreadBeforeItsReturn() throws SQLException {
		Thread[] committing = new Thread[1];
		LitestreamDataSource dataSource = new LitestreamDataSource(url("", Map.of()), SETTINGS,
				() -> committing[0] = Thread.currentThread());
		try (Connection connection = dataSource.getConnection()) {
			execute(connection, "CREATE TABLE t (x)");
		}
		assertThat(committing[0]).isSameAs(Thread.currentThread());
	}

	@Test
	void refusesAFileThatCannotBeInWalMode() throws SQLException {
		try (Connection connection = dataSource("", Map.of()).getConnection()) {
			execute(connection, "CREATE TABLE t (x)");
			// a connection without a file stands for a file system without shared memory
			SQLiteConnection memory = JDBC.createConnection("jdbc:sqlite::memory:", new Properties());
			try (memory) {
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(
							() -> new ConnectionPreparation(SETTINGS, this.commits::incrementAndGet).prepare(memory))
					.withMessageContaining("stays in 'memory'");
			}
		}
	}

	@Test
	void refusesImpossibleSettings() {
		assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionSettings(Duration.ofMillis(-1), 1))
			.withMessageContaining("busy-timeout");
		assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionSettings(Duration.ofDays(25), 1))
			.withMessageContaining("busy-timeout");
		assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionSettings(Duration.ZERO, 0))
			.withMessageContaining("max-pages");
	}

	private LitestreamDataSource dataSource(String parameters, Map<String, String> properties) {
		return new LitestreamDataSource(url(parameters, properties), SETTINGS, this.commits::incrementAndGet);
	}

	private SqliteUrl url(String parameters, Map<String, String> properties) {
		return SqliteUrl.parse("jdbc:sqlite:" + this.folder.resolve("app.db") + parameters, properties);
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static String pragma(Connection connection, String name) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("PRAGMA " + name)) {
			assertThat(rows.next()).isTrue();
			return rows.getString(1);
		}
	}

}
