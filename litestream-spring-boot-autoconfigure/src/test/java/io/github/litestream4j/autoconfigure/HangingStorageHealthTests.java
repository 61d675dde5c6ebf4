package io.github.litestream4j.autoconfigure;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import javax.sql.DataSource;

import io.github.litestream4j.jdbc.ConnectionSettings;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.session.DatabaseSession;
import io.github.litestream4j.session.RestoreSettings;
import io.github.litestream4j.storage.ReplicaUrl;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * While every call on the storage hangs, and everything that can wait for one does, the
 * health is told without waiting.
 */
class HangingStorageHealthTests {

	private static final int CALLS = 10_000;

	private static final long SLOW = 10_000_000;

	@TempDir
	Path folder;

	@Test
	void isToldWithoutWaiting() throws Exception {
		FaultyStorage storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		Path file = this.folder.resolve("app.db");
		ReplicatorSettings settings = ReplicatorSettings.of("app", file);
		ExecutorService threads = Executors.newCachedThreadPool();
		DatabaseSession session = DatabaseSession.open(settings, RestoreSettings.DEFAULT, storage);
		try {
			Replicator replicator = session.replicator();
			replicator.start();
			DataSource dataSource = new LitestreamDataSource(SqliteUrl.of(file),
					new ConnectionSettings(settings.busyTimeout(), settings.checkpoint().maxPages()),
					replicator::commitBegins);
			Connections.execute(dataSource, "CREATE TABLE t (a)");
			replicator.sync(Duration.ofSeconds(30));
			LitestreamHealthIndicator indicator = new LitestreamHealthIndicator(new EngineSession(session),
					new DatabasePlan(settings, RestoreSettings.DEFAULT,
							new ReplicaUrl.File(this.folder.resolve("replica")), Duration.ofMillis(200)),
					Instant::now, Clock.systemUTC());
			assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
			for (Operation operation : Operation.values()) {
				storage.hang(operation);
			}
			Connections.execute(dataSource, "INSERT INTO t VALUES (1)");
			Future<?> snapshot = threads.submit(() -> replicator.snapshot(Duration.ofMinutes(1)));
			Future<?> drill = threads.submit(() -> replicator.verify(Duration.ofMinutes(1)));
			Future<?> stop = threads.submit(() -> replicator.stop(Duration.ofMinutes(1)));
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.until(() -> indicator.health().getStatus().equals(Status.OUT_OF_SERVICE));
			long longest = 0;
			int slow = 0;
			long total = 0;
			for (int i = 0; i < CALLS; i++) {
				long start = System.nanoTime();
				Health health = indicator.health();
				long took = System.nanoTime() - start;
				assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
				longest = Math.max(longest, took);
				slow += (took > SLOW) ? 1 : 0;
				total += took;
			}
			System.out.printf("health while the storage hangs: %d us for each, the longest %d us, %d above 10 ms%n",
					total / CALLS / 1000, longest / 1000, slow);
			assertThat(Duration.ofNanos(longest)).as("far from the minute that the others wait")
				.isLessThan(Duration.ofSeconds(1));
			assertThat(List.of(snapshot, drill, stop)).as("all of them wait").noneMatch(Future::isDone);
			storage.heal();
			stop.get();
		}
		finally {
			storage.heal();
			threads.shutdownNow();
			session.close(Duration.ofSeconds(5));
		}
	}

}
