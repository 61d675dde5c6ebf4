package io.github.litestream4j.session;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * SQLite begins the WAL anew again and again, and no commit is lost by that.
 */
class CheckpointTests extends AbstractFileReplicaTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	@BeforeEach
	void prepareCheckpoints() {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
	}

	@Test
	void f02NoCommitIsLostBetweenTheLastCaptureAndTheCheckpoint() throws Exception {
		AtomicBoolean stop = new AtomicBoolean();
		long noted;
		long last;
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection first = database.connect();
				Connection second = database.connect()) {
			Ledger ledger = new Ledger(first, 2);
			ledger.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)");
			CompletableFuture<Long> ledgers = until(stop, ledger::commit);
			CompletableFuture<Long> notes = until(stop, () -> execute(second, "INSERT INTO note VALUES (NULL, 'x')"));
			for (int i = 0; i < 3; i++) {
				int salt = Sqlite3.salt(this.settings.database());
				Awaitility.await().atMost(TIMEOUT).until(() -> Sqlite3.salt(this.settings.database()) != salt);
			}
			stop.set(true);
			last = ledgers.get();
			noted = notes.get();
		}
		Path restored = restore();
		assertThat(Ledger.verify(restored)).isEqualTo(last);
		assertThat(count(restored, "note")).isEqualTo(noted);
		assertGoesOnByTheWalAlone();
	}

	@Test
	void f06AWalRewrittenToTheSameSizeIsCaptured() throws Exception {
		Path file = this.settings.database();
		// The first run of the WAL is checkpointed, and nothing of the second
		this.settings = this.settings.with(new CheckpointSettings(30, Duration.ofMinutes(1), 1000));
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 6);
			int salt = commits(ledger, 20);
			Awaitility.await().atMost(TIMEOUT).until(() -> commits(ledger, 1) != salt);
			Txid before = database.replicator().sync(TestDatabase.TIMEOUT);
			long size = Files.size(Sqlite3.wal(file));
			FileTime time = Files.getLastModifiedTime(Sqlite3.wal(file));
			long next = ledger.last() + 1;
			Sqlite3.run(file, "INSERT INTO ledger VALUES (%d, %d)".formatted(next, next * (next + 1) / 2));
			Files.setLastModifiedTime(Sqlite3.wal(file), time);
			assertThat(Files.size(Sqlite3.wal(file))).isEqualTo(size);
			Awaitility.await().atMost(TIMEOUT).until(() -> Ledger.verify(restore()) == next);
			assertThat(database.replicator().status().replicatedTxid().isAfter(before)).isTrue();
			assertGoesOnByTheWalAlone();
		}
	}

	@Test
	void f06AWalRewrittenToTheSameSizeWhileWeWereAwayIsSeen() throws Exception {
		Path file = this.settings.database();
		this.settings = this.settings.with(CheckpointSettings.DEFAULT);
		try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file)) {
			execute(other, "PRAGMA journal_mode=WAL");
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				Ledger ledger = new Ledger(connection, 6);
				ledger.execute("CREATE TABLE t (x)");
				ledger.commit();
			}
			long size = Files.size(Sqlite3.wal(file));
			FileTime time = Files.getLastModifiedTime(Sqlite3.wal(file));
			// A connection whose first use of the WAL is a RESTART waits for itself
			execute(other, "PRAGMA wal_autocheckpoint=0", "SELECT count(*) FROM t");
			execute(other, "PRAGMA wal_checkpoint(RESTART)");
			// Each is one frame: up to the very last one
			for (long frame = 0; frame < (size - 32) / 4120; frame++) {
				execute(other, "INSERT INTO t VALUES (1)");
			}
			Files.setLastModifiedTime(Sqlite3.wal(file), time);
			assertThat(Files.size(Sqlite3.wal(file))).isEqualTo(size);
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			assertThat(count(restore(), "t")).isEqualTo(count(file, "t")).isPositive();
		}
	}

	@Test
	void f14TheApplicationsOwnCheckpointsLoseNothing() throws Exception {
		Path file = this.settings.database();
		this.settings = this.settings.with(CheckpointSettings.DEFAULT);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection greedy = DriverManager.getConnection("jdbc:sqlite:" + file)) {
			execute(greedy, "PRAGMA journal_mode=WAL", "PRAGMA busy_timeout=0", "PRAGMA wal_autocheckpoint=1");
			Ledger ledger = new Ledger(greedy, 14);
			for (int i = 0; i < 60; i++) {
				ledger.commit();
				String mode = new String[] { "PASSIVE", "FULL", "RESTART", "TRUNCATE" }[i % 4];
				execute(greedy, "PRAGMA wal_checkpoint(" + mode + ")");
			}
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(Ledger.verify(restore())).isEqualTo(60);
		}
		assertGoesOnByTheWalAlone();
	}

	/**
	 * Commit a few.
	 * @return the WAL's salt afterwards
	 */
	private int commits(Ledger ledger, int count) throws Exception {
		for (int i = 0; i < count; i++) {
			ledger.commit();
		}
		return Sqlite3.salt(this.settings.database());
	}

	/** Neither a snapshot nor a delta had to make up for what was lost. */
	private void assertGoesOnByTheWalAlone() throws Exception {
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		for (StoredFile file : this.storage.list(0)) {
			try (InputStream in = this.storage.read(file.key(), 0, LtxHeader.SIZE)) {
				LtxHeader header = LtxHeader.decode(ByteBuffer.wrap(in.readAllBytes()));
				assertThat(header.walSize()).as(file.key().toString()).isPositive();
			}
		}
	}

	@Test
	void f16ALongReaderHoldsNoWriterUp() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect();
				Connection reader = database.connect()) {
			Ledger ledger = new Ledger(connection, 16);
			commits(ledger, 10);
			execute(reader, "BEGIN", "SELECT count(*) FROM ledger");
			int salt = commits(ledger, 10);
			AtomicLong longest = new AtomicLong();
			// Longer than a checkpoint is put off, twice
			Awaitility.await()
				.pollInterval(Duration.ofMillis(20))
				.during(Duration.ofMillis(2500))
				.atMost(TIMEOUT)
				.until(() -> {
					long start = System.nanoTime();
					int now = commits(ledger, 1);
					longest.accumulateAndGet(System.nanoTime() - start, Math::max);
					return now == salt;
				});
			// Half of what a checkpoint that waits for the reader would wait
			assertThat(Duration.ofNanos(longest.get())).isLessThan(this.settings.busyTimeout().dividedBy(2));
			execute(reader, "COMMIT");
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
	}

	@Test
	void f18TheWalIsCutBackWhenALongReaderHasGone() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(40, Duration.ofMinutes(1), 100));
		Path wal = Sqlite3.wal(this.settings.database());
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect();
				Connection reader = database.connect()) {
			Ledger ledger = new Ledger(connection, 18);
			execute(reader, "BEGIN", "SELECT count(*) FROM ledger");
			int salt = commits(ledger, 300);
			assertThat(Files.size(wal)).isGreaterThan(300 * 4120);
			database.replicator().sync(TestDatabase.TIMEOUT);
			Awaitility.await().until(() -> database.replicator().status().walBytes() > 300 * 4096);
			execute(reader, "COMMIT");
			Awaitility.await().atMost(TIMEOUT).until(() -> commits(ledger, 1) != salt);
			assertThat(Files.size(wal)).isLessThanOrEqualTo(100 * 4096);
			Awaitility.await().atMost(TIMEOUT).until(() -> database.replicator().status().walBytes() < 100 * 4096);
		}
	}

	@Test
	void f19StaleFramesDoNotLeadToTheNextCheckpoint() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(40, Duration.ofMinutes(1), 1000));
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 19);
			int first = commits(ledger, 100);
			Awaitility.await().atMost(TIMEOUT).until(() -> commits(ledger, 1) != first);
			int second = Sqlite3.salt(this.settings.database());
			assertThat(Files.size(Sqlite3.wal(this.settings.database()))).isGreaterThan(40 * 4120);
			// Longer than a checkpoint is put off, twice
			Awaitility.await()
				.pollInterval(Duration.ofMillis(500))
				.during(Duration.ofMillis(2500))
				.atMost(TIMEOUT)
				.until(() -> commits(ledger, 1) == second);
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
	}

	private static long count(Path database, String table) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
			rows.next();
			return rows.getLong(1);
		}
	}

	private static long execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
			return statements.length;
		}
	}

	/**
	 * Do something again and again.
	 * @return how often it was done
	 */
	private static CompletableFuture<Long> until(AtomicBoolean stop, Work work) {
		return CompletableFuture.supplyAsync(() -> {
			long done = 0;
			try {
				for (; !stop.get(); done++) {
					work.once();
				}
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
			return done;
		});
	}

	/**
	 * What a writer does.
	 */
	@FunctionalInterface
	private interface Work {

		long once() throws SQLException;

	}

}
