package io.github.litestream4j.session;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What each further database costs a process: what docs/architecture.md says.
 * {@code -Dlitestream.databases=200} measures more of them.
 */
class ManyDatabasesTests {

	private static final int DATABASES = Integer.getInteger("litestream.databases", 40);

	/** Four connections with database and WAL each, and our own eight. */
	private static final int DESCRIPTORS = 17;

	private static final long HEAP = 256 << 10;

	@TempDir
	Path folder;

	@Test
	void f66EachDatabaseCostsThreeThreadsAndABoundedNumberOfDescriptorsAndBytes() throws Exception {
		// What the first one loads is no cost of the others
		open(0).close();
		long descriptors = descriptors();
		long heap = heap();
		long threads = threads();
		List<TestDatabase> databases = new ArrayList<>();
		try {
			for (int i = 1; i <= DATABASES; i++) {
				databases.add(open(i));
			}
			for (TestDatabase database : databases) {
				try (Connection connection = database.connect()) {
					new Ledger(connection, 1).commit();
				}
			}
			for (TestDatabase database : databases) {
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			TestDatabase.awaitReading();
			double threadsOfEach = (double) (threads() - threads) / DATABASES;
			double descriptorsOfEach = (double) (descriptors() - descriptors) / DATABASES;
			long heapOfEach = (heap() - heap) / DATABASES;
			System.out.printf("%d databases: %.2f threads, %.2f descriptors, %d bytes of heap for each%n", DATABASES,
					threadsOfEach, descriptorsOfEach, heapOfEach);
			assertThat(threadsOfEach).isEqualTo(3);
			assertThat(descriptorsOfEach).isLessThanOrEqualTo(DESCRIPTORS);
			assertThat(heapOfEach).isLessThan(HEAP);
		}
		finally {
			databases.forEach(TestDatabase::close);
		}
		assertThat(threads()).isEqualTo(threads);
		// SQLite's are closed; the database's and its index's stay open by design
		assertThat(descriptors() - descriptors).isLessThanOrEqualTo(2L * DATABASES);
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(storage(DATABASES), restored);
		assertThat(Ledger.verify(restored)).isOne();
	}

	private TestDatabase open(int number) throws Exception {
		Path database = Files.createDirectories(this.folder.resolve("data")).resolve(number + ".db");
		ReplicatorSettings settings = ReplicatorSettings.of("many-" + number, database);
		return TestDatabase.open(
				new ReplicatorSettings(settings.name(), settings.database(), settings.jdbcUrl(), Map.of(),
						settings.stagingDirectory(), Duration.ZERO, settings.busyTimeout(), CheckpointSettings.DEFAULT),
				storage(number));
	}

	private ReplicaStorage storage(int number) {
		return new FileReplicaStorage(this.folder.resolve("replica-" + number));
	}

	private static long threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("litestream-many-"))
			.count();
	}

	private static long descriptors() throws Exception {
		Path open = Path.of("/proc/self/fd");
		if (!Files.isDirectory(open)) {
			return 0;
		}
		try (Stream<Path> files = Files.list(open)) {
			return files.count();
		}
	}

	private static long heap() {
		System.gc();
		return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
	}

}
