package io.github.litestream4j.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps all writers out for a moment, and always lets them go on again: a transaction
 * that cannot be ended ends with its connection. Not safe for use by several threads.
 */
final class WriteBarrier implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(WriteBarrier.class);

	private static final long RETRY_NANOS = 100_000;

	private final ConnectionSource source;

	private @Nullable Connection connection;

	/** Whether the connection may hold a lock that it could not give back. */
	private boolean broken;

	private long lockedAt;

	/**
	 * Open the connection.
	 * @param source opens it, and its successors; it must not wait for a lock by itself
	 */
	WriteBarrier(ConnectionSource source) throws SQLException {
		this.source = source;
		this.connection = source.open();
	}

	/**
	 * Take the write lock.
	 * @param wait how long to try
	 * @return {@code false} when somebody had it all that time
	 */
	boolean lock(Duration wait) throws SQLException {
		Connection connection = connection();
		long deadline = System.nanoTime() + wait.toNanos();
		while (true) {
			try {
				Connections.execute(connection, "BEGIN IMMEDIATE");
				this.lockedAt = System.nanoTime();
				return true;
			}
			catch (SQLException ex) {
				if (!Connections.isBusy(ex)) {
					throw ex;
				}
				if (System.nanoTime() >= deadline || Thread.currentThread().isInterrupted()) {
					return false;
				}
				LockSupport.parkNanos(RETRY_NANOS);
			}
		}
	}

	/**
	 * Release the write lock.
	 * @throws SQLException when that failed; where closing the connection was possible,
	 * the lock is released nevertheless
	 */
	void unlock() throws SQLException {
		try {
			Connections.execute(connection(), "ROLLBACK");
			logger.debug("writers were kept out for {} us", (System.nanoTime() - this.lockedAt) / 1000);
		}
		catch (SQLException ex) {
			// Left open, it would keep every writer out for as long as the process lives
			this.broken = true;
			try {
				discard();
			}
			catch (SQLException closing) {
				ex.addSuppressed(closing);
			}
			throw ex;
		}
	}

	/**
	 * The connection, a new one where the last one broke.
	 */
	Connection connection() throws SQLException {
		if (this.broken) {
			discard();
		}
		Connection connection = this.connection;
		if (connection == null) {
			connection = this.source.open();
			this.connection = connection;
		}
		return connection;
	}

	private void discard() throws SQLException {
		close();
		this.connection = null;
		this.broken = false;
	}

	@Override
	public void close() throws SQLException {
		if (this.connection != null) {
			this.connection.close();
		}
	}

}
