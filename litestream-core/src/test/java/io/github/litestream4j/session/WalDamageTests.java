package io.github.litestream4j.session;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A damaged WAL ends, for SQLite, before the damage: what it had committed after that is
 * gone from the database, but not from the replica, and must not be taken for the newest
 * state.
 */
class WalDamageTests extends AbstractFileReplicaTests {

	private static final int FRAME = 24 + 4096;

	private Path wal;

	private long last;

	@BeforeEach
	void prepare() {
		// No checkpoint: all commits are in the WAL alone
		this.settings = this.settings.with(new CheckpointSettings(100_000, Duration.ofHours(1), 1_000_000));
		this.wal = Path.of(this.settings.database() + "-wal");
	}

	/**
	 * A byte of the header, of the first frame, of one in the middle, and of the last.
	 */
	@ParameterizedTest
	@ValueSource(doubles = { 0, 0.0001, 0.5, 0.9999 })
	void f05AStartOnADamagedWalIsRefused(double where) throws Exception {
		commit(20);
		long at = (long) (where * (Files.size(this.wal) - 1)) + ((where == 0) ? 17 : 0);
		flip(this.wal, at);
		List<StoredFile> before = this.storage.list(0);
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(CorruptDataException.class)
				.isThrownBy(() -> TestDatabase.open(this.settings, this.storage))
				.withMessageContaining(this.wal.toString())
				.withMessageContaining((at < 32) ? "header" : "frame " + ((at - 32) / FRAME + 1))
				.withMessageContaining("expected")
				.withMessageContaining("found")
				.withMessageContaining(before.get(before.size() - 1).key().name().max().toString())
				.withMessageContaining("aside")
				.withMessageContaining(this.settings.stagingDirectory().toString());
			assertThat(this.storage.list(0)).isEqualTo(before);
			assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
			assertRestores();
		}
		moveAside();
		commit(1);
		assertRestores();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@Test
	void f05WithoutItsStagingFolderItGoesOnWithWhatIsLeft() throws Exception {
		commit(20);
		flip(this.wal, 32 + 30 * FRAME + 100);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> TestDatabase.open(this.settings, this.storage));
		try (var paths = Files.walk(this.settings.stagingDirectory())) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(path);
			}
		}
		long lost = this.last;
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			this.last = new Ledger(connection, 1).commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
		assertThat(this.last).isLessThanOrEqualTo(lost);
		assertRestores();
	}

	@Test
	void f05AWalThatWasCutIsRefused() throws Exception {
		commit(20);
		try (RandomAccessFile file = new RandomAccessFile(this.wal.toFile(), "rw")) {
			file.setLength(32 + 25 * FRAME + 1000);
		}
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> TestDatabase.open(this.settings, this.storage))
			.withMessageContaining("frame 26");
		assertRestores();
	}

	@Test
	void f05AWalThatAPowerLossFilledWithZerosIsRefused() throws Exception {
		commit(20);
		Files.write(this.wal, new byte[(int) Files.size(this.wal)]);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> TestDatabase.open(this.settings, this.storage))
			.withMessageContaining("header is damaged")
			.withMessageContaining("aside");
		moveAside();
		commit(1);
		assertRestores();
	}

	@Test
	void f05ZerosInAWalThatIsCopiedBackMeanNothing() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		commitAndCheckpoint();
		Files.write(this.wal, new byte[(int) Files.size(this.wal)]);
		commit(1);
		assertRestores();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	/** Half of an old WAL would hide newer pages of the database file. */
	@Test
	void f05ADamagedWalThatIsCopiedBackIsRefusedToo() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		commitAndCheckpoint();
		flip(this.wal, 32 + 20 * FRAME + 100);
		assertThatExceptionOfType(CorruptDataException.class)
			.isThrownBy(() -> TestDatabase.open(this.settings, this.storage))
			.withMessageContaining("frame 21")
			.withMessageContaining("Delete " + this.wal);
		Files.delete(this.wal);
		Files.deleteIfExists(Path.of(this.settings.database() + "-shm"));
		commit(1);
		assertRestores();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@Test
	void f05AWalWithoutAnyFrameLeftMeansNothingWhenItIsCopiedBack() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		for (long at : new long[] { 5, 32 + 50 }) {
			commitAndCheckpoint();
			flip(this.wal, at);
			commit(1);
			assertRestores();
		}
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA wal_checkpoint(PASSIVE)",
			"PRAGMA wal_checkpoint(RESTART)", "SELECT count(*) FROM ledger" })
	void f05WhatAnotherProcessDoesToTheWalIsNoDamage(String sql) throws Exception {
		commit(20);
		Sqlite3.run(this.settings.database(), sql);
		commit(2);
		assertRestores();
		Sqlite3.run(this.settings.database(),
				sql + "; CREATE TABLE theirs_%d(x); INSERT INTO theirs_%d VALUES (randomblob(20000))"
					.formatted(this.last, this.last) + "; " + sql);
		commit(2);
		assertRestores();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@Test
	void f10AWalThatIsGoneIsNoDamage() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		commitAndCheckpoint();
		Files.delete(this.wal);
		commit(1);
		commitAndCheckpoint();
		Files.write(this.wal, new byte[0]);
		commit(1);
		assertRestores();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	private void commitAndCheckpoint() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(connection, 5);
			// One run of the WAL that is long enough, wherever it begins
			new Ledger(connection, 1).execute("INSERT INTO churn VALUES (NULL, randomblob(200000))");
			database.replicator().sync(TestDatabase.TIMEOUT);
			// Longer than a checkpoint is put off
			Awaitility.await().pollDelay(Duration.ofMillis(2500)).until(() -> true);
		}
	}

	private void commit(int count) throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(connection, count);
			database.replicator().sync(TestDatabase.TIMEOUT);
			TestDatabase.awaitReading();
		}
	}

	private void commit(Connection connection, int count) throws Exception {
		Ledger ledger = new Ledger(connection, this.last);
		for (int i = 0; i < count; i++) {
			assertThat(ledger.commit()).isEqualTo(this.last + 1);
			this.last++;
		}
	}

	private void moveAside() throws Exception {
		Path aside = Files.createDirectories(this.folder.resolve("aside"));
		for (String suffix : List.of("", "-wal", "-shm")) {
			Path file = Path.of(this.settings.database() + suffix);
			Files.move(file, aside.resolve(file.getFileName()));
		}
	}

	private static void flip(Path file, long at) throws Exception {
		try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
			access.seek(at);
			int old = access.read();
			access.seek(at);
			access.write(old ^ 0x10);
		}
	}

	private void assertRestores() throws Exception {
		assertThat(restoredLast()).isEqualTo(this.last);
	}

}
