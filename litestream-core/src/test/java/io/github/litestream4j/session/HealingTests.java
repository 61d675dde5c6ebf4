package io.github.litestream4j.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica that has lost files is given them again, as long as they are still there.
 */
class HealingTests {

	@TempDir
	Path folder;

	private FaultyStorage storage;

	private ReplicatorSettings settings;

	private Path replica;

	/** The files of level 0 before any was lost. */
	private List<StoredFile> before;

	private long last;

	@BeforeEach
	void prepare() throws Exception {
		this.replica = this.folder.resolve("replica");
		this.storage = new FaultyStorage(new FileReplicaStorage(this.replica));
		this.settings = TestDatabase.settings(this.folder.resolve("app.db"));
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 12; i++) {
				this.last = ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
		this.before = this.storage.list(0);
		assertThat(this.before).hasSizeGreaterThan(11);
	}

	/** Which files are lost, counted from the newest. */
	@ParameterizedTest
	@ValueSource(strings = { "0", "0 1 2", "4", "2 3 5", "0 6 7", "0 1 2 3 4 5 6 7 8 9 10 11" })
	void f28LostFilesAreStoredAgain(String lost) throws Exception {
		for (String index : lost.split(" ")) {
			lose(Integer.parseInt(index));
		}
		goOn(1);
		assertHealed();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@Test
	void f28TheStatusWaitsForWhatIsLostAndCountsWhatWasThere() throws Exception {
		lose(4);
		this.storage.hang(Operation.PUT_IF_ABSENT);
		Txid end = newest().key().name().max();
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			Txid lost = this.before.get(this.before.size() - 5).key().name().max();
			assertThat(database.replicator().status().replicatedTxid().next()).isEqualTo(lost);
			this.storage.release(Operation.PUT_IF_ABSENT);
			assertThat(database.replicator().sync(TestDatabase.TIMEOUT)).isEqualTo(end);
			assertThat(database.replicator().status().replicatedTxid()).isEqualTo(end);
		}
		assertHealed();
	}

	@Test
	void f28AFileThatALaterSnapshotPassesIsHealedToo() throws Exception {
		beginAnew();
		long first = this.last;
		goOn(3);
		List<StoredFile> all = this.storage.list(0);
		this.before = all;
		// After the first snapshot of the present history is taken, before the next one
		StoredFile lost = all.get(all.size() - 2);
		Files.delete(path(lost));
		goOn(1);
		Path earlier = this.folder.resolve("earlier");
		new Restorer(this.storage).restore(RestoreRequest.latest(earlier).to(lost.key().name().max()));
		assertThat(Ledger.verify(earlier)).isGreaterThan(first);
		assertHealed();
	}

	@Test
	void f27WhatCannotBeHealedBeginsANewHistory() throws Exception {
		lose(4);
		Path kept = this.settings.stagingDirectory()
			.resolve("stored")
			.resolve(this.before.get(this.before.size() - 5).key().name().toString());
		byte[] bytes = Files.readAllBytes(kept);
		bytes[bytes.length / 2] ^= 1;
		Files.write(kept, bytes);
		goOn(1);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		assertRestores();
		goOn(1);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("only one more").hasSize(2);
		assertRestores();
	}

	@Test
	void f27ALostStagingFolderBeginsANewHistoryOverALostFile() throws Exception {
		lose(0);
		delete(this.settings.stagingDirectory().resolve("stored"));
		goOn(1);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		assertRestores();
	}

	@Test
	void aTornNewestFileThatWasKeptTellsNothing() throws Exception {
		Path kept = this.settings.stagingDirectory().resolve("stored").resolve(newest().key().name().toString());
		Files.write(kept, new byte[0]);
		goOn(1);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
		assertRestores();
	}

	@Test
	void aReplicaThatAnotherOneWroteUpToOurTxidIsNotOurs() throws Exception {
		Txid end = newest().key().name().max();
		delete(this.replica);
		ReplicatorSettings theirs = TestDatabase.settings(this.folder.resolve("theirs.db"));
		Path link = Files.createSymbolicLink(this.folder.resolve("link"), Files.createDirectories(this.replica));
		try (TestDatabase database = TestDatabase.open(theirs, new FileReplicaStorage(link));
				Connection connection = database.connect()) {
			new Ledger(connection, 99);
			while (database.replicator().sync(TestDatabase.TIMEOUT).isBefore(end)) {
				try (var statement = connection.createStatement()) {
					statement.execute("INSERT INTO churn VALUES (NULL, randomblob(100))");
				}
			}
		}
		assertThat(newest().key().name().max()).as("exactly ours").isEqualTo(end);
		deleteIdentity();
		goOn(1);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		assertRestores();
	}

	@Test
	void whatWasStoredMeanwhileByAnotherOneIsNeverReplaced() throws Exception {
		lose(4);
		this.storage.hang(Operation.PUT_IF_ABSENT);
		DatabaseSession session = TestDatabase.open(this.settings, this.storage).session();
		StoredFile lost = this.before.get(this.before.size() - 5);
		Files.writeString(path(lost), "theirs");
		this.storage.release(Operation.PUT_IF_ABSENT);
		Awaitility.await().until(() -> session.replicator().status().state() == State.FENCED);
		session.close(Duration.ofMillis(100));
		assertThat(path(lost)).hasContent("theirs");
	}

	@Test
	void aLostDatabaseIsRestoredWithWhatTheReplicaHasLost() throws Exception {
		lose(0);
		lose(5);
		for (String suffix : List.of("", "-wal", "-shm")) {
			Files.delete(Path.of(this.settings.database() + suffix));
		}
		goOn(1);
		assertHealed();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@Test
	void aLostDatabaseIsRestoredUpToTheStagedFileThatIsDamaged() throws Exception {
		Path staged = Files.createDirectories(this.settings.stagingDirectory().resolve("ltx/0"));
		// As if the last three had not been stored
		List<Path> paths = new ArrayList<>();
		for (int i = 2; i >= 0; i--) {
			LtxFileName name = this.before.get(this.before.size() - 1 - i).key().name();
			lose(i);
			paths.add(Files.move(this.settings.stagingDirectory().resolve("stored").resolve(name.toString()),
					staged.resolve(name.toString())));
		}
		byte[] bytes = Files.readAllBytes(paths.get(1));
		bytes[150] ^= 4;
		Files.write(paths.get(1), bytes);
		for (String suffix : List.of("", "-wal", "-shm")) {
			Files.delete(Path.of(this.settings.database() + suffix));
		}
		this.last -= 2;
		goOn(1);
		assertRestores();
	}

	@Test
	void whatIsKeptIsNotCountedAsWaiting() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(database.replicator().status().stagingBytes()).isZero();
			assertThat(database.replicator().status().lag()).isZero();
		}
	}

	private void goOn(int commits) throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, this.last);
			for (int i = 0; i < commits; i++) {
				assertThat(ledger.commit()).isEqualTo(this.last + 1);
				this.last++;
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
	}

	/** Without its checksums the history cannot go on with a delta. */
	private void beginAnew() throws Exception {
		Files.delete(this.settings.stagingDirectory().resolve("position"));
		goOn(1);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
	}

	private void deleteIdentity() throws IOException {
		Files.deleteIfExists(this.replica.resolve("meta/replica.json"));
	}

	private void lose(int fromTheEnd) throws IOException {
		Files.delete(path(this.before.get(this.before.size() - 1 - fromTheEnd)));
	}

	private StoredFile newest() {
		List<StoredFile> files = this.storage.list(0);
		return files.get(files.size() - 1);
	}

	private Path path(StoredFile file) throws IOException {
		try (Stream<Path> all = Files.walk(this.replica.resolve("ltx").resolve("0"))) {
			return all.filter((path) -> path.getFileName().toString().equals(file.key().name().toString()))
				.findFirst()
				.orElse(this.replica.resolve("ltx/0").resolve(file.key().name().toString()));
		}
	}

	private void assertHealed() throws Exception {
		List<LtxKey> now = this.storage.list(0).stream().map(StoredFile::key).toList();
		assertThat(now).containsAll(this.before.stream().map(StoredFile::key).toList());
		assertRestores();
	}

	private void assertRestores() throws Exception {
		Path target = this.folder.resolve("restored-" + Instant.now().toEpochMilli());
		TestDatabase.restore(this.storage, target);
		assertThat(Ledger.verify(target)).isEqualTo(this.last);
	}

	private static void delete(Path folder) throws IOException {
		try (Stream<Path> paths = Files.walk(folder)) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(path);
			}
		}
	}

}
