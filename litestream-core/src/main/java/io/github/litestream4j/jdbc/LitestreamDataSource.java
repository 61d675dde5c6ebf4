package io.github.litestream4j.jdbc;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;

/**
 * Opens physical connections that are prepared for replication: it stands beneath a pool,
 * so that borrowing a connection costs nothing. Each connection is the driver's own
 * {@link SQLiteConnection}. Safe for use by several threads.
 */
public final class LitestreamDataSource implements DataSource {

	private final SqliteUrl url;

	private final ConnectionSettings settings;

	private final ConnectionPreparation preparation;

	private volatile int loginTimeout;

	/**
	 * Create a data source.
	 * @param url the application's URL and properties
	 * @param settings what each connection is set to; they win over the URL's
	 * @param onCommit called as {@link ConnectionPreparation} says
	 */
	public LitestreamDataSource(SqliteUrl url, ConnectionSettings settings, Runnable onCommit) {
		this.url = url;
		this.settings = settings;
		this.preparation = new ConnectionPreparation(settings, onCommit);
	}

	/**
	 * The URL that connections are opened with.
	 * @return the application's URL
	 */
	public SqliteUrl url() {
		return this.url;
	}

	@Override
	public Connection getConnection() throws SQLException {
		Properties properties = new Properties();
		properties.putAll(this.url.properties());
		// the driver runs pragmas of its own while it opens: they must wait for a lock as
		// long as everything else does
		properties.setProperty("busy_timeout", Integer.toString(this.settings.busyTimeoutMillis()));
		SQLiteConnection connection = JDBC.createConnection(this.url.value(), properties);
		try {
			this.preparation.prepare(connection);
			return connection;
		}
		catch (SQLException | RuntimeException ex) {
			ConnectionPreparation.giveUp(connection, ex);
			throw ex;
		}
	}

	/**
	 * SQLite knows no users: as {@link #getConnection()}.
	 */
	@Override
	public Connection getConnection(@Nullable String username, @Nullable String password) throws SQLException {
		return getConnection();
	}

	@Override
	public @Nullable PrintWriter getLogWriter() {
		return null;
	}

	@Override
	public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
		throw new SQLFeatureNotSupportedException("the SQLite driver writes no log");
	}

	/**
	 * Kept only: opening a file does not wait. Hikari sets it, and waits as long for its
	 * own threads when it closes.
	 */
	@Override
	public void setLoginTimeout(int seconds) {
		this.loginTimeout = seconds;
	}

	@Override
	public int getLoginTimeout() {
		return this.loginTimeout;
	}

	@Override
	public Logger getParentLogger() throws SQLFeatureNotSupportedException {
		throw new SQLFeatureNotSupportedException("the SQLite driver does not use java.util.logging");
	}

	@Override
	public <T> T unwrap(Class<T> type) throws SQLException {
		if (type.isInstance(this)) {
			return type.cast(this);
		}
		throw new SQLException(this + " is no " + type.getName());
	}

	@Override
	public boolean isWrapperFor(Class<?> type) {
		return type.isInstance(this);
	}

	@Override
	public String toString() {
		return "LitestreamDataSource(" + this.url.file() + ")";
	}

}
