package io.github.litestream4j.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import net.jpountz.lz4.LZ4Factory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a database that was there before is stored with at first: once, in one place.
 */
class BaseSizeTests {

	@TempDir
	Path folder;

	@Test
	void f53bTheBaseIsStoredOnceAndClimbsNoLevel() throws Exception {
		Path file = this.folder.resolve("app.db");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE big AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
					+ "WHERE i < 10000) SELECT i, randomblob(1500) || zeroblob(1500) AS v FROM n");
			statement.execute("CREATE TABLE small(v)");
		}
		long size = Files.size(file);
		long compressed = compressed(file);
		AtomicLong sent = new AtomicLong();
		FileReplicaStorage replica = new FileReplicaStorage(this.folder.resolve("replica"));
		ReplicatorSettings settings = TestDatabase.settings(file)
			.with(new HistorySettings(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2)), Duration.ofMinutes(5),
					Duration.ofHours(24), Duration.ofHours(24), true, false, Duration.ZERO));
		ObservedStorage storage = new ObservedStorage(replica,
				(operation, success, bytesSent, received) -> sent.addAndGet(bytesSent));
		try (TestDatabase database = TestDatabase.open(settings, storage);
				Connection connection = database.connect();
				Statement statement = connection.createStatement()) {
			database.replicator().sync(TestDatabase.TIMEOUT);
			long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
			Awaitility.await().atMost(TestDatabase.TIMEOUT).pollInterval(Duration.ofMillis(100)).until(() -> {
				statement.execute("INSERT INTO small VALUES (randomblob(50))");
				database.replicator().sync(TestDatabase.TIMEOUT);
				return System.nanoTime() > end;
			});
		}
		System.out.printf("%d bytes, %d compressed, %d sent%n", size, compressed, sent.get());
		assertThat(size).isGreaterThan(30_000_000);
		assertThat(sent.get()).isLessThanOrEqualTo(compressed * 11 / 10);
		assertThat(replica.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		for (int level = 0; level < LtxKey.SNAPSHOT_LEVEL; level++) {
			assertThat(replica.list(level).stream().mapToLong(StoredFile::size).sum()).as("level %d", level)
				.isLessThan(compressed / 20);
		}
	}

	/** Page by page, as a file must be for a reader that wants one of them. */
	private static long compressed(Path file) throws IOException {
		byte[] bytes = Files.readAllBytes(file);
		long compressed = 0;
		for (int at = 0; at < bytes.length; at += 4096) {
			compressed += LZ4Factory.fastestInstance().fastCompressor().compress(bytes, at, 4096, new byte[8192], 0);
		}
		return compressed;
	}

}
