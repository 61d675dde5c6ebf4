package io.github.litestream4j.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import io.github.litestream4j.jdbc.ConnectionSettings;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.session.DatabaseSession;
import io.github.litestream4j.session.RestoreSettings;

/**
 * Our engine in this process, as the starter wires it.
 */
final class OurSide implements Side {

	private static final Duration STOP = Duration.ofSeconds(30);

	private final DatabaseSession session;

	private final LitestreamDataSource dataSource;

	private OurSide(DatabaseSession session, LitestreamDataSource dataSource) {
		this.session = session;
		this.dataSource = dataSource;
	}

	/**
	 * Start to copy.
	 * @param database the database file
	 * @param place where to
	 * @param syncInterval the only setting that may differ from the defaults
	 * @return the running side
	 */
	static OurSide open(Path database, Place place, Duration syncInterval) {
		ReplicatorSettings settings = ReplicatorSettings.of("app", database).withSyncInterval(syncInterval);
		DatabaseSession session = DatabaseSession.open(settings, RestoreSettings.DEFAULT, place.storage());
		session.replicator().start();
		return new OurSide(session,
				new LitestreamDataSource(SqliteUrl.of(database),
						new ConnectionSettings(settings.busyTimeout(), settings.checkpoint().maxPages()),
						session.replicator()::commitBegins));
	}

	Replicator replicator() {
		return this.session.replicator();
	}

	@Override
	public Connection connect() throws SQLException {
		Connection connection = this.dataSource.getConnection();
		try (Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA synchronous=NORMAL");
		}
		return connection;
	}

	/**
	 * That of the engine's threads. What its listener costs a writer is in the writer's
	 * own speed.
	 */
	@Override
	public Duration cpuTime() {
		ThreadMXBean threads = ManagementFactory.getThreadMXBean();
		long nanos = 0;
		for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
			if (thread != null && thread.getThreadName().startsWith("litestream-")) {
				nanos += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
			}
		}
		return Duration.ofNanos(nanos);
	}

	@Override
	public void close() {
		if (!this.session.close(STOP)) {
			throw new IllegalStateException("not everything was stored: " + this.session.replicator().status());
		}
	}

}
