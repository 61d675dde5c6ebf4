package io.github.litestream4j.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

import io.github.litestream4j.ConfigurationException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Opens our own connections, apart from the application's pool.
 */
final class Connections {

	/** Ours read next to nothing through SQLite's cache. */
	private static final int CACHE_PAGES = 16;

	private static final int[] MINIMUM = { 3, 51, 3 };

	private Connections() {
	}

	/**
	 * Refuse a SQLite that can corrupt a database which one connection writes while
	 * another checkpoints (sqlite.org/wal.html, the WAL-reset bug).
	 */
	static void requireSoundDriver() throws SQLException {
		try (Connection connection = new SQLiteConfig().createConnection("jdbc:sqlite::memory:")) {
			requireSound(queryString(connection, "SELECT sqlite_version()"));
		}
	}

	static void requireSound(String version) {
		String[] parts = version.split("\\.");
		for (int i = 0; i < MINIMUM.length; i++) {
			int part = (i < parts.length) ? Integer.parseInt(parts[i]) : 0;
			if (part != MINIMUM[i]) {
				if (part > MINIMUM[i]) {
					return;
				}
				throw new ConfigurationException(
						"The SQLite on the class path is %s, but below 3.51.3 it can corrupt a database that is checkpointed while it is written. Use org.xerial:sqlite-jdbc 3.51.3.0 or newer (with the dependency management of Spring Boot: by the property sqlite-jdbc.version)."
							.formatted(version));
			}
		}
	}

	/**
	 * A connection that can take the write lock, or checkpoint. It never waits for a lock
	 * by itself.
	 */
	static Connection writer(DatabaseSettings settings) throws SQLException {
		Properties properties = properties(settings);
		properties.remove(SQLiteConfig.Pragma.JOURNAL_MODE.pragmaName);
		SQLiteConfig config = new SQLiteConfig(properties);
		config.setReadOnly(false);
		// A checkpoint must sync before the WAL is overwritten, whatever the pool uses
		config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
		config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, "0");
		config.setCacheSize(CACHE_PAGES);
		config.setBusyTimeout(millis(settings));
		Connection connection = config.createConnection(settings.jdbcUrl());
		try {
			// Not by the driver, which might do it before it sets the page size of a new
			// file
			queryString(connection, "PRAGMA journal_mode=WAL");
			return connection;
		}
		catch (SQLException ex) {
			closeAfter(ex, connection);
			throw ex;
		}
	}

	private static void closeAfter(SQLException failure, Connection connection) {
		try {
			connection.close();
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
		}
	}

	/**
	 * A connection that takes the write lock or is refused it, and never waits.
	 */
	static Connection barrier(DatabaseSettings settings) throws SQLException {
		Connection connection = writer(settings);
		try {
			execute(connection, "PRAGMA busy_timeout=0");
			return connection;
		}
		catch (SQLException ex) {
			closeAfter(ex, connection);
			throw ex;
		}
	}

	/**
	 * A connection that only reads. Being the last to close, it leaves the WAL in place.
	 */
	static Connection reader(DatabaseSettings settings) throws SQLException {
		Properties properties = properties(settings);
		properties.remove(SQLiteConfig.Pragma.JOURNAL_MODE.pragmaName);
		SQLiteConfig config = new SQLiteConfig(properties);
		config.setReadOnly(true);
		config.setCacheSize(CACHE_PAGES);
		config.setBusyTimeout(millis(settings));
		// SQLite refuses a URI that asks for more than the connection
		return config.createConnection(settings.jdbcUrl().replaceFirst("([?&]mode)=rwc?(?=&|$)", "$1=ro"));
	}

	private static Properties properties(DatabaseSettings settings) {
		Properties properties = new Properties();
		settings.properties().forEach(properties::setProperty);
		return properties;
	}

	private static int millis(DatabaseSettings settings) {
		return (int) Math.min(settings.busyTimeout().toMillis(), Integer.MAX_VALUE);
	}

	static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	static String queryString(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			if (!rows.next()) {
				throw new SQLException("no row from " + sql);
			}
			return rows.getString(1);
		}
	}

	static boolean isBusy(SQLException error) {
		return error instanceof SQLiteException sqlite
				&& (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code;
	}

}
