package io.github.litestream4j.session;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import io.github.litestream4j.jdbc.ConnectionSettings;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.ReplicaStorage;
import org.awaitility.Awaitility;

/**
 * A database under replication, as an application would have it.
 */
final class TestDatabase implements AutoCloseable {

	static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final DatabaseSession session;

	private final LitestreamDataSource dataSource;

	private TestDatabase(DatabaseSession session, LitestreamDataSource dataSource) {
		this.session = session;
		this.dataSource = dataSource;
	}

	static ReplicatorSettings settings(Path database) {
		return ReplicatorSettings.of("app", database)
			.withSyncInterval(Duration.ZERO)
			.with(new CheckpointSettings(50, Duration.ofSeconds(1), 1000));
	}

	static TestDatabase open(ReplicatorSettings settings, ReplicaStorage storage) {
		return open(settings, SqliteUrl.of(settings.database()), storage);
	}

	static TestDatabase open(ReplicatorSettings settings, SqliteUrl url, ReplicaStorage storage) {
		DatabaseSession session = DatabaseSession.open(settings, RestoreSettings.DEFAULT, storage);
		session.replicator().start();
		return new TestDatabase(session, dataSource(session, settings, url));
	}

	private static LitestreamDataSource dataSource(DatabaseSession session, ReplicatorSettings settings,
			SqliteUrl url) {
		return new LitestreamDataSource(url,
				new ConnectionSettings(settings.busyTimeout(), settings.checkpoint().maxPages()),
				() -> session.replicator().commitBegins());
	}

	/** A connection to the database of a session that somebody else has opened. */
	static Connection connect(DatabaseSession session, ReplicatorSettings settings) throws SQLException {
		return dataSource(session, settings, SqliteUrl.of(settings.database())).getConnection();
	}

	Connection connect() throws SQLException {
		return this.dataSource.getConnection();
	}

	Replicator replicator() {
		return this.session.replicator();
	}

	DatabaseSession session() {
		return this.session;
	}

	static RestoreResult restore(ReplicaStorage storage, Path target) {
		return new Restorer(storage).restore(RestoreRequest.latest(target)).orElseThrow();
	}

	/**
	 * Until no snapshot is stored, and the reading of all pages that follows a start has
	 * ended, in any database.
	 */
	static void awaitReading() {
		Awaitility.await()
			.during(Duration.ofMillis(100))
			.atMost(TIMEOUT)
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().endsWith("-snapshot")));
	}

	@Override
	public void close() {
		if (!this.session.close(TIMEOUT)) {
			throw new AssertionError("not everything was stored");
		}
	}

}
