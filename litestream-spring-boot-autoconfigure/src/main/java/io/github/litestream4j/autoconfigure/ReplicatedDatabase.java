package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

import io.github.litestream4j.jdbc.ConnectionPreparation;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import io.github.litestream4j.jdbc.SqliteUrl;
import org.sqlite.SQLiteConnection;

/**
 * One open database, and the connections that the application has to it.
 */
final class ReplicatedDatabase {

	private final DatabasePlan plan;

	private final OpenSession session;

	private final ObservedDatabase observed;

	private final ConnectionPreparation preparation;

	private volatile Instant startedAt = Instant.now();

	/**
	 * A pool hands out the same physical connection again and again, perhaps through
	 * several wrappers.
	 */
	private final Set<SQLiteConnection> prepared = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	ReplicatedDatabase(DatabasePlan plan, OpenSession session, ObservedDatabase observed) {
		this.plan = plan;
		this.session = session;
		this.observed = observed;
		this.preparation = new ConnectionPreparation(plan.connectionSettings(), session::commitBegins);
	}

	String name() {
		return this.plan.name();
	}

	Path file() {
		return this.plan.settings().database();
	}

	/** Begin to replicate, or go on after a pause. */
	void start() {
		this.observed.started();
		this.startedAt = Instant.now();
		this.session.start();
	}

	/**
	 * When it was started last: nothing is missed from before.
	 * @return when it was opened, as long as it was not started
	 */
	Instant startedAt() {
		return this.startedAt;
	}

	OpenSession session() {
		return this.session;
	}

	/** Tells what is done for it. */
	ObservedDatabase observed() {
		return this.observed;
	}

	DatabasePlan plan() {
		return this.plan;
	}

	/**
	 * What stands beneath a pool.
	 */
	LitestreamDataSource dataSource(SqliteUrl url) {
		return new LitestreamDataSource(url, this.plan.connectionSettings(), this.session::commitBegins);
	}

	/**
	 * Prepare a borrowed connection, unless it was prepared before.
	 */
	void prepare(Connection connection) throws SQLException {
		SQLiteConnection physical = connection.unwrap(SQLiteConnection.class);
		if (!this.prepared.contains(physical)) {
			this.preparation.prepare(physical);
			if (!physical.getAutoCommit()) {
				// the questions have begun a transaction, whose first write would fail
				// should another connection commit meanwhile
				physical.rollback();
			}
			this.prepared.add(physical);
		}
	}

	@Override
	public String toString() {
		return name() + " (" + file() + ")";
	}

}
