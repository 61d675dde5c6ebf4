package io.github.litestream4j.database;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.wal.WalBatch;
import io.github.litestream4j.wal.WalFile;
import io.github.litestream4j.wal.WalIndexHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The three powers over a live database, tried against this process's connections and
 * against another process.
 */
class LiveDatabaseTests {

	private static final Duration SHORT = Duration.ofMillis(100);

	@TempDir
	Path folder;

	private Path file;

	private LiveDatabase database;

	private Connection application;

	@BeforeEach
	void open() throws Exception {
		this.file = this.folder.toRealPath().resolve("app.db");
		this.database = LiveDatabase.open(settings(this.file));
		this.application = DriverManager.getConnection("jdbc:sqlite:" + this.file);
		execute("PRAGMA wal_autocheckpoint=0");
		execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		execute("INSERT INTO t(v) VALUES (randomblob(20000))");
	}

	@AfterEach
	void close() throws Exception {
		this.application.close();
		this.database.close();
	}

	@Test
	void makesAMissingDatabaseInWalMode() throws Exception {
		assertThat(query(this.application, "PRAGMA journal_mode")).isEqualTo("wal");
		assertThat(this.database.pageSize()).isEqualTo(4096);
		assertThat(this.database.index().frames()).isPositive();
		assertThat(this.database.index().commit()).isEqualTo(this.database.pageCount());
		assertThat(this.database.wal()).isPresent();
	}

	@Test
	void f14GuardKeepsEverybodyFromTheWal() throws Exception {
		WalIndexHeader before = this.database.index();
		assertThat(ForeignSqlite.run(this.file, "PRAGMA wal_checkpoint(TRUNCATE)")).startsWith("1|");
		execute("PRAGMA busy_timeout=50");
		assertThat(query(this.application, "PRAGMA wal_checkpoint(TRUNCATE)")).isEqualTo("1");
		ForeignSqlite.run(this.file, "INSERT INTO t(v) VALUES (zeroblob(10)); PRAGMA wal_checkpoint(RESTART);"
				+ " INSERT INTO t(v) VALUES (zeroblob(10))");
		WalIndexHeader after = this.database.index();
		assertThat(after.salt1()).isEqualTo(before.salt1());
		assertThat(after.frames()).isGreaterThan(before.frames());
		try (WalFile wal = this.database.openWal()) {
			assertThat(wal.continuesFrom(wal.header(), before.end())).isTrue();
			WalBatch all = wal.readAll(wal.header(), after.end(), null);
			assertThat(all.commit()).isEqualTo(after.commit());
		}
	}

	@Test
	void guardKeepsLaterFramesOutOfTheDatabaseFile() throws Exception {
		this.database.renewGuard();
		long guarded = this.database.index().frames();
		execute("UPDATE t SET v = randomblob(20000)");
		Checkpoint checkpoint = this.database.checkpoint();
		assertThat(checkpoint.copied()).isEqualTo(guarded);
		assertThat(checkpoint.isComplete()).isFalse();
		assertThat(this.database.index().backfilled()).isEqualTo(guarded);
	}

	@Test
	void afterACompleteCheckpointTheNextWriterRestartsTheWal() throws Exception {
		WalIndexHeader before = this.database.index();
		long length = Files.size(LiveDatabase.sibling(this.file, "-wal"));
		checkpointAll(true);
		assertThat(this.database.index().isBackfilled()).isTrue();
		assertThat(this.database.index().end()).isEqualTo(before.end());
		execute("INSERT INTO t(v) VALUES (zeroblob(10))");
		WalIndexHeader after = this.database.index();
		assertThat(after.salt1()).isEqualTo(before.salt1() + 1);
		assertThat(after.frames()).isLessThan(before.frames());
		assertThat(Files.size(LiveDatabase.sibling(this.file, "-wal"))).isEqualTo(length);
		// On read lock 0 now: nobody may copy the new run back
		assertThat(ForeignSqlite.run(this.file, "PRAGMA wal_checkpoint(TRUNCATE)")).startsWith("1|");
		assertThat(this.database.index().backfilled()).isZero();
		assertThat(this.database.index().end()).isEqualTo(after.end());
	}

	@Test
	void withoutTheLastHandOverTheWalGoesOn() throws Exception {
		WalIndexHeader before = this.database.index();
		checkpointAll(false);
		execute("INSERT INTO t(v) VALUES (zeroblob(10))");
		assertThat(this.database.index().salt1()).isEqualTo(before.salt1());
		assertThat(this.database.index().frames()).isGreaterThan(before.frames());
	}

	@Test
	void anOlderReaderKeepsACheckpointFromBeingComplete() throws Exception {
		try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + this.file)) {
			execute(reader, "BEGIN");
			query(reader, "SELECT count(*) FROM t");
			execute("UPDATE t SET v = randomblob(20000)");
			this.database.renewGuard();
			assertThat(this.database.checkpoint().isComplete()).isFalse();
			execute(reader, "ROLLBACK");
		}
		assertThat(this.database.checkpoint().isComplete()).isTrue();
	}

	@Test
	void lockedWritersWaitAndReadersDoNot() throws Exception {
		WalIndexHeader before = this.database.index();
		assertThat(this.database.lockWriters(SHORT)).isTrue();
		execute("PRAGMA busy_timeout=0");
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute("DELETE FROM t"))
			.withMessageContaining("SQLITE_BUSY");
		assertThat(ForeignSqlite.run(this.file, "DELETE FROM t")).contains("locked");
		assertThat(ForeignSqlite.run(this.file, "SELECT count(*) FROM t")).isEqualTo("1");
		assertThat(query(this.application, "SELECT count(*) FROM t")).isEqualTo("1");
		this.database.renewGuard();
		assertThat(this.database.checkpoint().isComplete()).isTrue();
		this.database.unlockWriters();
		assertThat(this.database.index().end()).as("nothing is written by any of this").isEqualTo(before.end());
		execute("DELETE FROM t");
	}

	@Test
	void waitsForAWriterOnlySoLong() throws Exception {
		execute("BEGIN IMMEDIATE");
		long start = System.nanoTime();
		assertThat(this.database.lockWriters(Duration.ofMillis(300))).isFalse();
		assertThat(System.nanoTime() - start).isBetween(Duration.ofMillis(300).toNanos(),
				Duration.ofSeconds(5).toNanos());
		CompletableFuture<Boolean> waiting = CompletableFuture
			.supplyAsync(() -> this.database.lockWriters(Duration.ofSeconds(20)));
		execute("COMMIT");
		assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
		this.database.unlockWriters();
	}

	@Test
	void anInterruptEndsTheWaitAndIsKept() throws Exception {
		execute("BEGIN IMMEDIATE");
		CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			Thread.currentThread().interrupt();
			boolean locked = this.database.lockWriters(Duration.ofSeconds(60));
			interrupted.complete(!locked && Thread.currentThread().isInterrupted());
		});
		thread.start();
		assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
		execute("ROLLBACK");
	}

	@Test
	void f12AnInterruptedReaderDropsNoLock() throws Exception {
		WalIndexHeader before = this.database.index();
		CompletableFuture<WalIndexHeader> read = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			Thread.currentThread().interrupt();
			try {
				this.database.readPage(1, new byte[4096]);
				read.complete(this.database.index());
			}
			catch (Exception ex) {
				read.completeExceptionally(ex);
			}
		});
		thread.start();
		assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(before);
		assertThat(ForeignSqlite.run(this.file, "PRAGMA wal_checkpoint(TRUNCATE)")).startsWith("1|");
		assertThat(this.database.index().end()).isEqualTo(before.end());
		this.database.readPage(1, new byte[4096]);
	}

	@Test
	void f12ClosingAFileOfTheDatabaseWouldDropTheLocks() throws Exception {
		// What the rule on opened files is for; and that the tests here would see it
		new RandomAccessFile(LiveDatabase.sibling(this.file, "-shm").toFile(), "r").close();
		assertThat(ForeignSqlite.run(this.file, "PRAGMA wal_checkpoint(TRUNCATE)")).startsWith("0|");
	}

	@Test
	void readsPagesAsTheLastCheckpointLeftThem() throws Exception {
		byte[] page = new byte[4096];
		long pages = this.database.index().commit();
		this.database.readPage(pages, page);
		assertThat(page).as("not yet in the file").containsOnly(0);
		checkpointAll(true);
		assertThat(this.file).hasSize(4096 * pages);
		try (WalFile wal = this.database.openWal()) {
			WalBatch all = wal.readAll(wal.header(), this.database.index().end(), null);
			byte[] expected = new byte[4096];
			for (WalBatch.Pages at = all.pages(); at.next();) {
				at.read(expected);
				this.database.readPage(at.number(), page);
				assertThat(page).as("page %d", at.number()).isEqualTo(expected);
			}
		}
		this.database.readPage(pages + 1, page);
		assertThat(page).containsOnly(0);
	}

	@Test
	void noticesThatTheFileIsGoneOrAnotherOne() throws Exception {
		assertThat(this.database.isInPlace()).isTrue();
		Path away = this.folder.resolve("away.db");
		Files.move(this.file, away);
		assertThat(this.database.isInPlace()).isFalse();
		Files.copy(away.resolveSibling("app.db-wal"), this.file);
		assertThat(this.database.isInPlace()).isFalse();
		Files.move(away, this.file, StandardCopyOption.REPLACE_EXISTING);
		assertThat(this.database.isInPlace()).isTrue();
	}

	@Test
	void f13ClosingLastLeavesTheWalWithItsFrames() throws Exception {
		WalIndexHeader before = this.database.index();
		this.application.close();
		this.database.close();
		assertThat(Files.size(LiveDatabase.sibling(this.file, "-wal"))).isEqualTo(before.endOffset());
		this.database = LiveDatabase.open(settings(this.file));
		assertThat(this.database.index().end()).isEqualTo(before.end());
		assertThat(this.database.index().commit()).isEqualTo(before.commit());
		try (WalFile wal = this.database.openWal()) {
			assertThat(wal.continuesFrom(wal.header(), before.end())).isTrue();
		}
		this.application = DriverManager.getConnection("jdbc:sqlite:" + this.file);
		assertThat(query(this.application, "SELECT count(*) FROM t")).isEqualTo("1");
	}

	@Test
	void oursStaySafeWhateverTheApplicationAsksFor() throws Exception {
		String url = "jdbc:sqlite:" + this.file + "?synchronous=OFF&wal_autocheckpoint=1&cache_size=-100000";
		for (DatabaseSettings settings : new DatabaseSettings[] {
				new DatabaseSettings(this.file, url, Map.of(), Duration.ofSeconds(1)),
				new DatabaseSettings(this.file, "jdbc:sqlite:" + this.file,
						Map.of("synchronous", "OFF", "wal_autocheckpoint", "1", "cache_size", "-100000"),
						Duration.ofSeconds(1)) }) {
			try (Connection writer = Connections.writer(settings); Connection reader = Connections.reader(settings)) {
				assertThat(query(writer, "PRAGMA synchronous")).as("FULL").isEqualTo("2");
				assertThat(query(writer, "PRAGMA wal_autocheckpoint")).isEqualTo("0");
				assertThat(query(writer, "PRAGMA cache_size")).isEqualTo("16");
				assertThat(query(reader, "PRAGMA cache_size")).isEqualTo("16");
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> execute(reader, "DELETE FROM t"))
					.withMessageContaining("readonly");
			}
		}
	}

	@Test
	void aDatabaseThatCannotTurnToWalIsRefusedAndKeepsItsMode() throws Exception {
		Path other = this.folder.resolve("other.db");
		try (Connection holder = DriverManager.getConnection("jdbc:sqlite:" + other)) {
			execute(holder, "CREATE TABLE t(id)");
			execute(holder, "BEGIN IMMEDIATE");
			DatabaseSettings settings = new DatabaseSettings(other, "jdbc:sqlite:" + other, Map.of(), SHORT);
			assertThatExceptionOfType(ConfigurationException.class).isThrownBy(() -> LiveDatabase.open(settings))
				.withMessageContaining(other.toString());
			execute(holder, "ROLLBACK");
			assertThat(query(holder, "PRAGMA journal_mode")).isEqualTo("delete");
		}
	}

	private void checkpointAll(boolean handOver) {
		assertThat(this.database.lockWriters(SHORT)).isTrue();
		this.database.renewGuard();
		assertThat(this.database.checkpoint().isComplete()).isTrue();
		if (handOver) {
			this.database.renewGuard();
		}
		this.database.unlockWriters();
	}

	private static DatabaseSettings settings(Path file) {
		return new DatabaseSettings(file, "jdbc:sqlite:" + file, Map.of(), Duration.ofSeconds(5));
	}

	private void execute(String sql) throws SQLException {
		execute(this.application, sql);
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getString(1);
		}
	}

}
