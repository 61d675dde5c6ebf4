package io.github.litestream4j.session;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

import org.assertj.core.data.Percentage;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a load costs at the replica, in requests and in bytes: what it wrote, and nothing
 * else.
 */
class CostTests {

	/** An hour with a commit every half minute. */
	private static final int COMMITS = 120;

	/** What they are stored with, as measured when this was written. */
	private static final long BYTES = 46_361;

	@TempDir
	Path folder;

	private final Map<String, Long> requests = new TreeMap<>();

	private long bytes;

	@Test
	void f07ACheckpointStoresNoSnapshotAndAnHourCostsWhatItsCommitsCost() throws Exception {
		ReplicatorSettings settings = TestDatabase.settings(this.folder.resolve("app.db"))
			.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		try (TestDatabase database = TestDatabase.open(settings, storage());
				Connection connection = database.connect();
				Statement statement = connection.createStatement()) {
			begin(database, statement);
			int restarts = 0;
			int salt = Sqlite3.salt(settings.database());
			for (int i = 1; i <= COMMITS; i++) {
				statement.execute("INSERT INTO t(v) VALUES (hex(zeroblob(40)) || " + i + ")");
				database.replicator().sync(TestDatabase.TIMEOUT);
				if (i % 40 == 0) {
					// Longer than a checkpoint is put off, and than any timer of ours
					Awaitility.await().pollDelay(Duration.ofMillis(1200)).until(() -> true);
				}
				if (Sqlite3.salt(settings.database()) != salt) {
					salt = Sqlite3.salt(settings.database());
					restarts++;
				}
			}
			assertThat(restarts).as("checkpoints").isGreaterThanOrEqualTo(2);
			assertThat(this.requests).isEqualTo(Map.of("put-if-absent", (long) COMMITS));
			assertThat(this.bytes).isCloseTo(BYTES, Percentage.withPercentage(10));
		}
	}

	@Test
	void f07NoLoadCostsMoreRequestsThanThereAreIntervals() throws Exception {
		Duration interval = Duration.ofMillis(200);
		ReplicatorSettings settings = TestDatabase.settings(this.folder.resolve("app.db"))
			.withSyncInterval(interval)
			.with(new CheckpointSettings(100_000, Duration.ofMinutes(1), 121_359));
		try (TestDatabase database = TestDatabase.open(settings, storage());
				Connection connection = database.connect();
				Statement statement = connection.createStatement()) {
			begin(database, statement);
			long start = System.nanoTime();
			int commits = 0;
			while (System.nanoTime() - start < interval.multipliedBy(10).toNanos()) {
				statement.execute("INSERT INTO t(v) VALUES (" + commits + ")");
				commits++;
			}
			long intervals = (System.nanoTime() - start) / interval.toNanos();
			synchronized (this.requests) {
				assertThat(commits).isGreaterThan(20);
				assertThat(this.requests).containsOnlyKeys("put-if-absent");
				assertThat(this.requests.get("put-if-absent")).isBetween(2L, intervals + 1);
			}
		}
	}

	private void begin(TestDatabase database, Statement statement) throws Exception {
		statement.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
		database.replicator().sync(TestDatabase.TIMEOUT);
		synchronized (this.requests) {
			assertThat(this.requests).as("the first snapshot").containsEntry("put", 1L);
			this.requests.clear();
			this.bytes = 0;
		}
	}

	private ObservedStorage storage() {
		return new ObservedStorage(new FileReplicaStorage(this.folder.resolve("replica")),
				(operation, success, sent, received) -> {
					synchronized (this.requests) {
						this.requests.merge(operation, 1L, Long::sum);
						this.bytes += sent + received;
					}
				});
	}

}
