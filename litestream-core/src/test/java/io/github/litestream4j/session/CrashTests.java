package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that is killed loses nothing that it had committed, and its history goes
 * on.
 */
class CrashTests {

	@TempDir
	Path folder;

	@ParameterizedTest
	@ValueSource(strings = { "PT0S", "PT0.2S" })
	void goesOnAfterEachKill(Duration syncInterval) throws Exception {
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		Random random = new Random(seed);
		Path file = this.folder.resolve("app.db");
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		long last = 0;
		for (int round = 0; round < 5; round++) {
			Path log = this.folder.resolve("log-" + round);
			long until = last + 50 + random.nextInt(700);
			try (ChildProcess child = LedgerProcess.start(file, this.folder.resolve("replica"), syncInterval, round,
					log)) {
				Awaitility.await()
					.pollInterval(Duration.ofMillis(5))
					.atMost(Duration.ofSeconds(60))
					.until(() -> LedgerProcess.lastReported(log) >= until || !child.isAlive());
				assertThat(child.isAlive()).as(() -> child.output()).isTrue();
				child.kill();
			}
			last = LedgerProcess.lastReported(log);
			Path stored = this.folder.resolve("stored-" + round);
			TestDatabase.restore(storage, stored);
			Ledger.verify(stored);
		}
		ReplicatorSettings settings = TestDatabase.settings(file);
		try (TestDatabase database = TestDatabase.open(settings, storage); Connection connection = database.connect()) {
			assertThat(new Ledger(connection, 0).last()).isGreaterThanOrEqualTo(last);
			last = new Ledger(connection, 0).last();
		}
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(storage, restored);
		assertThat(Ledger.verify(restored)).isEqualTo(last);
		Path theirs = this.folder.resolve("theirs");
		LitestreamBinary.current().restore(LitestreamBinary.url(this.folder.resolve("replica")), theirs).succeeded();
		assertThat(Ledger.verify(theirs)).isEqualTo(last);
		assertThat(storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void restoresOnANewMachineWhatWasStored(boolean stagingIsLost) throws Exception {
		Path file = this.folder.resolve("app.db");
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		Path log = this.folder.resolve("log");
		try (ChildProcess child = LedgerProcess.start(file, this.folder.resolve("replica"), Duration.ZERO, 1, log)) {
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> LedgerProcess.lastReported(log) >= 500);
			child.kill();
		}
		Path before = this.folder.resolve("before");
		TestDatabase.restore(storage, before);
		long stored = Ledger.verify(before);
		for (String name : List.of("app.db", "app.db-wal", "app.db-shm")) {
			Files.deleteIfExists(this.folder.resolve(name));
		}
		ReplicatorSettings settings = TestDatabase.settings(file);
		if (stagingIsLost) {
			delete(settings.stagingDirectory());
		}
		try (TestDatabase database = TestDatabase.open(settings, storage); Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 2);
			assertThat(ledger.last()).isGreaterThanOrEqualTo(stored);
			ledger.commit();
			stored = ledger.last();
		}
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(storage, restored);
		assertThat(Ledger.verify(restored)).isEqualTo(stored);
		assertThat(storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	private static void delete(Path folder) throws Exception {
		try (var paths = Files.walk(folder)) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(path);
			}
		}
	}

}
