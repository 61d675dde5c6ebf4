package io.github.litestream4j.wal;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * WALs that SQLite wrote.
 */
class WalSqliteTests {

	private static final int LIMIT = 100_000;

	@TempDir
	Path folder;

	private RandomAccessFile shm;

	@AfterEach
	void closeIndex() throws Exception {
		// Only now: closing it sooner would drop SQLite's locks
		if (this.shm != null) {
			this.shm.close();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536 })
	void framesUpToTheIndexMakeTheDatabaseThatSqliteMakes(int pageSize) throws Exception {
		Path path = this.folder.resolve("app.db");
		create(path, pageSize);
		byte[] pages = Files.readAllBytes(path);
		try (Connection connection = open(path)) {
			fill(connection);
			rolledBackAfterASpill(connection);
			WalIndexHeader index = index(path);
			try (WalFile wal = new WalFile(this.folder.resolve("app.db-wal"))) {
				assertThat(index.pageSize()).isEqualTo(pageSize);
				assertThat(wal.size()).as("uncommitted frames at the end").isGreaterThan(index.endOffset());
				pages = apply(wal, index, pages);
				WalBatch whole = wal.readAll(wal.header(), index.end(), null);
				assertThat(whole.commit()).isEqualTo(index.commit());
			}
			try (Statement statement = connection.createStatement()) {
				statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
			}
		}
		assertThat(pages).isEqualTo(Files.readAllBytes(path));
	}

	@Test
	void indexFollowsCheckpointsAndRestarts() throws Exception {
		Path path = this.folder.resolve("app.db");
		create(path, 1024);
		try (Connection connection = open(path); Statement statement = connection.createStatement()) {
			fill(connection);
			WalIndexHeader before = index(path);
			assertThat(before.frames()).isPositive();
			assertThat(before.backfilled()).isZero();
			assertThat(before.isBackfilled()).isFalse();
			statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
			WalIndexHeader copied = index(path);
			assertThat(copied.end()).isEqualTo(before.end());
			assertThat(copied.isBackfilled()).isTrue();
			statement.execute("INSERT INTO t(v) VALUES (zeroblob(10))");
			WalIndexHeader restarted = index(path);
			assertThat(restarted.salt1()).isEqualTo(before.salt1() + 1);
			assertThat(restarted.frames()).isLessThan(before.frames()).isPositive();
			assertThat(restarted.backfilled()).isZero();
			try (WalFile wal = new WalFile(this.folder.resolve("app.db-wal"))) {
				WalHeader header = wal.header();
				assertThat(wal.continuesFrom(header, restarted.end())).isTrue();
				assertThat(wal.continuesFrom(header, before.end())).isFalse();
				assertThat(wal.endedAt(header.bigEndian(), 1024, before.end())).isTrue();
				assertThat(wal.size()).as("the former run's frames are kept").isEqualTo(before.endOffset());
			}
		}
	}

	@Test
	void aTornIndexIsNotTakenForOne() throws Exception {
		Path path = this.folder.resolve("app.db");
		create(path, 512);
		try (Connection connection = open(path)) {
			fill(connection);
			WalIndexHeader expected = index(path);
			byte[] sound = new byte[WalIndexHeader.SIZE];
			readIndex(path, sound);
			assertThat(WalIndexHeader.decode(sound)).contains(expected);
			for (int i = 0; i < 48; i++) {
				for (boolean both : new boolean[] { false, true }) {
					byte[] torn = sound.clone();
					torn[i] ^= 1;
					if (both) {
						torn[48 + i] ^= 1;
					}
					assertThat(WalIndexHeader.decode(torn)).as("byte %d, in both copies: %s", i, both).isEmpty();
				}
			}
			assertThat(WalIndexHeader.decode(new byte[WalIndexHeader.SIZE])).isEmpty();
		}
	}

	/**
	 * Read batch by batch and put each page in its place.
	 */
	private static byte[] apply(WalFile wal, WalIndexHeader index, byte[] before) throws Exception {
		byte[] pages = before;
		WalHeader header = wal.header();
		WalPosition position = header.start();
		while (!position.equals(index.end())) {
			WalBatch batch = wal.read(header, position, index.endOffset(), LIMIT, null);
			pages = Arrays.copyOf(pages, (int) batch.commit() * header.pageSize());
			for (var page : WalBuilder.pages(batch).entrySet()) {
				System.arraycopy(page.getValue().array(), 0, pages, (int) (page.getKey() - 1) * header.pageSize(),
						header.pageSize());
			}
			position = batch.end();
		}
		return pages;
	}

	private WalIndexHeader index(Path path) throws Exception {
		byte[] bytes = new byte[WalIndexHeader.SIZE];
		readIndex(path, bytes);
		return WalIndexHeader.decode(bytes).orElseThrow();
	}

	private void readIndex(Path path, byte[] bytes) throws Exception {
		if (this.shm == null) {
			this.shm = new RandomAccessFile(path + "-shm", "r");
		}
		this.shm.seek(0);
		this.shm.readFully(bytes);
	}

	private static void create(Path path, int pageSize) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
				Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA page_size=" + pageSize);
			statement.execute("PRAGMA auto_vacuum=INCREMENTAL");
			statement.execute("PRAGMA journal_mode=WAL");
			statement.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		}
	}

	private static Connection open(Path path) throws Exception {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
		try (Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA wal_autocheckpoint=0");
			statement.execute("PRAGMA synchronous=NORMAL");
		}
		return connection;
	}

	/** It grows, changes and shrinks. */
	private static void fill(Connection connection) throws Exception {
		try (Statement statement = connection.createStatement()) {
			statement.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
					+ "INSERT INTO t(v) SELECT randomblob(700) FROM n");
			for (int i = 0; i < 10; i++) {
				statement.execute("UPDATE t SET v = randomblob(650) WHERE id % 10 = " + i);
			}
			statement.execute("DELETE FROM t WHERE id > 200");
			statement.execute("PRAGMA incremental_vacuum");
			statement.execute("INSERT INTO t(v) SELECT randomblob(800) FROM t WHERE id < 20");
		}
	}

	private static void rolledBackAfterASpill(Connection connection) throws Exception {
		try (Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA cache_size=2");
			statement.execute("PRAGMA cache_spill=2");
			statement.execute("BEGIN");
			statement.execute("UPDATE t SET v = randomblob(60000) WHERE id < 50");
			statement.execute("ROLLBACK");
		}
	}

}
