package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.history.LiveState;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.RestoreResult;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A replicator proves its replica by a restore beside the live database, on demand and on
 * an interval.
 */
class RestoreDrillTests {

	@TempDir
	Path folder;

	private Path replica;

	private FaultyStorage storage;

	private ReplicatorSettings settings;

	@BeforeEach
	void prepare() {
		this.replica = this.folder.resolve("replica");
		this.storage = new FaultyStorage(new FileReplicaStorage(this.replica));
		this.settings = TestDatabase.settings(this.folder.resolve("app.db"));
	}

	@Test
	void passesWhileTheDatabaseIsWritten() throws Exception {
		ReplicatorSettings busy = this.settings.with(new CheckpointSettings(20, Duration.ofMillis(1), 1000));
		AtomicBoolean done = new AtomicBoolean();
		try (TestDatabase database = TestDatabase.open(busy, this.storage);
				Connection connection = database.connect()) {
			Thread writer = writer(new Ledger(connection, 1), done);
			for (int i = 0; i < 5; i++) {
				DrillResult result = database.replicator().verify(TestDatabase.TIMEOUT);
				assertThat(result.failure()).isNull();
				assertThat(result.passed()).isTrue();
				assertThat(result.pages()).isPositive();
				assertThat(result.bytes()).isPositive();
				assertThat(database.replicator().lastDrill()).contains(result);
			}
			assertThat(writer.isAlive()).as("it wrote all the time").isTrue();
			done.set(true);
			writer.join();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(database.replicator().status().failure()).isNull();
		}
		assertNothingIsLeft();
		TestDatabase.restore(this.storage, this.folder.resolve("restored"));
		assertThat(Ledger.verify(this.folder.resolve("restored"))).isPositive();
	}

	private static Thread writer(Ledger ledger, AtomicBoolean done) {
		Thread writer = new Thread(() -> {
			try {
				while (!done.get()) {
					ledger.commit();
				}
			}
			catch (java.sql.SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}, "writer");
		writer.start();
		return writer;
	}

	@Test
	void tellsWhatTheLiveDatabaseHoldsAtATransaction() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 5; i++) {
				ledger.commit();
				LiveState live = database.replicator().liveState(TestDatabase.TIMEOUT);
				assertThat(database.replicator().sync(TestDatabase.TIMEOUT)).isEqualTo(live.txid());
				RestoreResult restored = new Restorer(this.storage)
					.restore(RestoreRequest.latest(this.folder.resolve("restored-" + i)).to(live.txid()))
					.orElseThrow();
				assertThat(restored.checksum()).isEqualTo(live.checksum());
				assertThat(restored.pageCount()).isEqualTo(live.pages());
			}
		}
	}

	@Test
	void namesADamagedFileUntilItIsSoundAgain() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 5; i++) {
				ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			StoredFile file = this.storage.list(0).get(2);
			Path path = path(file);
			byte[] sound = Files.readAllBytes(path);
			byte[] damaged = sound.clone();
			damaged[damaged.length / 2] ^= 0x10;
			Files.write(path, damaged);
			DrillResult result = database.replicator().verify(TestDatabase.TIMEOUT);
			assertThat(result.passed()).isFalse();
			assertThat(result.failure()).contains(file.key().toString());
			assertThat(database.replicator().lastDrill()).contains(result);
			assertThat(database.replicator().status().state()).isEqualTo(State.FAILING);
			assertThat(database.replicator().status().failure()).contains(file.key().toString());
			assertThat(database.replicator().status().errors().count(ErrorStage.VERIFICATION)).isOne();
			Files.write(path, sound);
			assertThat(database.replicator().verify(TestDatabase.TIMEOUT).failure()).isNull();
			assertThat(database.replicator().status().failure()).isNull();
		}
		assertNothingIsLeft();
	}

	@Test
	void namesAFileThatIsGoneThoughEveryKeptStateCanBeRestored() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.commit();
			Txid txid = database.replicator().sync(TestDatabase.TIMEOUT);
			database.replicator().snapshot(TestDatabase.TIMEOUT);
			assertThat(database.replicator().verify(TestDatabase.TIMEOUT).failure()).isNull();
			LtxKey lost = new LtxKey(0, LtxFileName.of(txid));
			this.storage.delete(List.of(lost));
			assertThat(database.replicator().verify(TestDatabase.TIMEOUT).failure()).contains(lost.toString());
			assertThat(database.replicator().status().failure()).contains(lost.toString());
		}
	}

	@Test
	void nothingIsDeletedUntilWhatItFoundIsMended() throws Exception {
		HistorySettings shortest = new HistorySettings(List.of(), Duration.ofSeconds(1), Duration.ZERO,
				Duration.ofMillis(1), true, false, Duration.ZERO);
		this.storage.failAlways(Operation.DELETE);
		try (TestDatabase database = TestDatabase.open(this.settings.with(shortest), this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.commit();
			database.replicator().snapshot(TestDatabase.TIMEOUT);
			ledger.commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			List<StoredFile> level0 = this.storage.list(0);
			Path path = path(level0.get(level0.size() - 1));
			byte[] sound = Files.readAllBytes(path);
			byte[] damaged = sound.clone();
			damaged[damaged.length / 2] ^= 0x10;
			Files.write(path, damaged);
			assertThat(database.replicator().verify(TestDatabase.TIMEOUT).passed()).isFalse();
			this.storage.heal();
			Awaitility.await()
				.atMost(Duration.ofMinutes(1))
				.until(() -> String.valueOf(database.replicator().status().errors().stages().get(ErrorStage.RETENTION)),
						(error) -> error.contains("Nothing is deleted"));
			assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
			Files.write(path, sound);
			assertThat(database.replicator().verify(TestDatabase.TIMEOUT).failure()).isNull();
			Awaitility.await()
				.atMost(Duration.ofMinutes(1))
				.until(() -> this.storage.list(LtxKey.SNAPSHOT_LEVEL).size() == 1
						&& database.replicator().status().failure() == null);
		}
	}

	@Test
	void missesNoOldFileWhereARuleOfTheStorageDeletesThem() throws Exception {
		HistorySettings defaults = HistorySettings.DEFAULT;
		ReplicatorSettings undeleted = this.settings
			.with(new HistorySettings(defaults.levels(), defaults.level0Retention(), defaults.snapshotInterval(),
					Duration.ofMillis(1), false, defaults.dryRun(), defaults.verificationInterval()));
		try (TestDatabase database = TestDatabase.open(undeleted, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 1).commit();
			Txid txid = database.replicator().sync(TestDatabase.TIMEOUT);
			database.replicator().snapshot(TestDatabase.TIMEOUT);
			this.storage.delete(List.of(new LtxKey(0, LtxFileName.of(txid))));
			assertThat(database.replicator().verify(TestDatabase.TIMEOUT).failure()).isNull();
			assertThat(database.replicator().status().failure()).isNull();
		}
	}

	@Test
	void failsWhereTheReplicaIsNotTheLiveDatabaseThoughEachFileIsSound() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 5; i++) {
				ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			List<StoredFile> files = this.storage.list(0);
			// Nobody knows its checksums any more, and it is a file of another commit
			try (Stream<Path> checksums = Files.walk(this.replica.resolve("meta/checksums"))) {
				for (Path file : checksums.filter(Files::isRegularFile).toList()) {
					Files.delete(file);
				}
			}
			OtherFile.replace(this.storage, files.get(files.size() - 1).key());
			DrillResult result = database.replicator().verify(TestDatabase.TIMEOUT);
			assertThat(result.passed()).isFalse();
			assertThat(result.failure()).contains("is not the live database").contains(this.storage.url());
			assertThat(result.failure()).doesNotContain("damaged");
			assertThat(database.replicator().status().errors().count(ErrorStage.VERIFICATION)).isOne();
		}
	}

	@Test
	void isNoResultWhereTheStorageIsAwayAndIsMadeUpFor() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 1).commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			this.storage.failAlways(Operation.LIST);
			assertThatExceptionOfType(LitestreamException.class)
				.isThrownBy(() -> database.replicator().verify(TestDatabase.TIMEOUT))
				.withMessageContaining("could not be run");
			assertThat(database.replicator().lastDrill()).isEmpty();
			Awaitility.await().until(() -> database.replicator().status().errors().count(ErrorStage.VERIFICATION) > 0);
			this.storage.heal();
			Awaitility.await().until(() -> database.replicator().lastDrill().isPresent());
			assertThat(database.replicator().lastDrill().orElseThrow().failure()).isNull();
			Awaitility.await().until(() -> database.replicator().status().failure() == null);
		}
	}

	@Test
	void isRunOnTheIntervalWhichARestartDoesNotReset() throws Exception {
		ReplicatorSettings often = this.settings.with(every(Duration.ofMillis(300)));
		Instant first;
		try (TestDatabase database = TestDatabase.open(often, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 1).commit();
			first = awaitDrillAfter(database, Instant.MIN);
			awaitDrillAfter(database, first);
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
		try (TestDatabase database = TestDatabase.open(this.settings.with(every(Duration.ofHours(24))), this.storage)) {
			assertThat(database.replicator().lastDrill()).isPresent();
			assertThat(database.replicator().lastDrill().orElseThrow().at()).isAfter(first);
		}
		try (TestDatabase database = TestDatabase.open(this.settings.with(every(Duration.ZERO)), this.storage)) {
			Instant last = database.replicator().lastDrill().orElseThrow().at();
			Awaitility.await()
				.during(Duration.ofMillis(500))
				.until(() -> database.replicator().lastDrill().orElseThrow().at().equals(last));
			assertThat(database.replicator().verify(TestDatabase.TIMEOUT).at()).isAfter(last);
		}
	}

	@Test
	void leavesNothingAfterAKill() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 1).commit();
		}
		// What a killed process leaves
		Path left = this.settings.stagingDirectory().resolve("drill");
		Files.createDirectories(left.resolve("deeper"));
		Files.writeString(left.resolve("restored.db.restore-00000000.tmp"), "half a database");
		Files.writeString(left.resolve("deeper/scratch"), "more");
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			assertNothingIsLeft();
			assertThat(database.replicator().verify(TestDatabase.TIMEOUT).failure()).isNull();
		}
		assertNothingIsLeft();
	}

	@Test
	void endsWithTheReplicator() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 1).commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			this.storage.hang(Operation.READ);
			Thread waiting = new Thread(() -> assertThatExceptionOfType(LitestreamException.class)
				.isThrownBy(() -> database.replicator().verify(TestDatabase.TIMEOUT)));
			waiting.start();
			Awaitility.await().until(() -> Files.exists(this.settings.stagingDirectory().resolve("drill")));
			assertThat(database.replicator().stop(TestDatabase.TIMEOUT)).isTrue();
			waiting.join();
			this.storage.heal();
		}
		Awaitility.await().untilAsserted(this::assertNothingIsLeft);
	}

	private static HistorySettings every(Duration interval) {
		HistorySettings defaults = HistorySettings.DEFAULT;
		return new HistorySettings(defaults.levels(), defaults.level0Retention(), defaults.snapshotInterval(),
				defaults.snapshotRetention(), defaults.retention(), defaults.dryRun(), interval);
	}

	private static Instant awaitDrillAfter(TestDatabase database, Instant after) {
		return Awaitility.await()
			.until(() -> database.replicator().lastDrill().map(DrillResult::at).orElse(Instant.MIN),
					(at) -> at.isAfter(after));
	}

	private Path path(StoredFile file) {
		LtxKey key = file.key();
		try (Stream<Path> files = Files.walk(this.replica)) {
			return files.filter(Files::isRegularFile)
				.filter((path) -> path.getFileName().toString().equals(key.name().toString())
						&& path.getParent().getFileName().toString().equals(String.valueOf(key.level()))
						&& !path.toString().contains("meta"))
				.findFirst()
				.orElseThrow();
		}
		catch (java.io.IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
	}

	private void assertNothingIsLeft() {
		assertThat(this.settings.stagingDirectory().resolve("drill")).doesNotExist();
	}

}
