package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.litestream4j.database.DatabaseSettings;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteCommitListener;
import org.sqlite.SQLiteConnection;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * F4, F16: writers wait for next to nothing, and for no reader.
 */
class ShortLockTests {

	private static final Duration WAIT = Duration.ofSeconds(10);

	@TempDir
	Path folder;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private LiveDatabase database;

	private PageChecksums checksums;

	private PositionFile positionFile;

	private Capture capture;

	private Connection connection;

	@BeforeEach
	void open() throws Exception {
		Path file = this.folder.resolve("app.db");
		this.database = LiveDatabase
			.open(new DatabaseSettings(file, "jdbc:sqlite:" + file, Map.of(), Duration.ofSeconds(5)));
		this.connection = connect();
		execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
		execute("INSERT INTO t VALUES (0, 0)");
		this.checksums = new PageChecksums(this.folder);
		this.positionFile = new PositionFile(this.folder.resolve("position"));
		Staging staging = new Staging(this.folder.resolve("staging"));
		Progress progress = new Progress(Txid.ZERO);
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		Uploader uploader = TestUploaders.of(storage, staging, progress, new GenerationLog(storage, this.folder));
		this.capture = new Capture(this.database, staging, this.positionFile, progress, uploader, this.checksums);
		assertThat(this.capture.begin(Txid.FIRST, WAIT)).isNotNull();
	}

	@AfterEach
	void close() throws Exception {
		this.threads.shutdownNow();
		assertThat(this.threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		this.connection.close();
		this.database.close();
		this.checksums.close();
		this.positionFile.close();
	}

	@Test
	void f4LeavesLittleToDoWhenWritersWait() throws Exception {
		execute("INSERT INTO t(v) VALUES (randomblob(20000000))");
		assertThat(this.capture.shortLock().take(true, WAIT)).isTrue();
		assertThat(this.capture.position().uncaptured(this.database.index())).isLessThanOrEqualTo(1 << 20);
		assertThat(this.database.index().frames() - this.database.index().backfilled()).isLessThanOrEqualTo(256);
		this.database.unlockWriters();
	}

	@Test
	void f16DoesNotLockWritersOutWhileAReaderForbidsToCopyBack() throws Exception {
		try (Connection reader = connect(); Statement statement = reader.createStatement()) {
			statement.execute("BEGIN");
			statement.executeQuery("SELECT count(*) FROM t").close();
			execute("INSERT INTO t(v) VALUES (randomblob(20000000))");
			assertThat(this.capture.shortLock().take(true, WAIT)).isFalse();
			execute("INSERT INTO t(v) VALUES (1)");
			assertThat(this.capture.shortLock().take(false, WAIT)).as("to capture alone").isTrue();
			this.database.unlockWriters();
		}
		assertThat(this.capture.shortLock().take(true, WAIT)).as("the reader has gone").isTrue();
		this.database.unlockWriters();
	}

	@Test
	void givesUpWhileSomebodyWrites() throws Exception {
		execute("BEGIN IMMEDIATE");
		assertThat(this.capture.shortLock().take(true, Duration.ofMillis(200))).isFalse();
		execute("ROLLBACK");
	}

	@Test
	void f18CatchesUpWithAWriterAtFullSpeed() throws Exception {
		AtomicBoolean stopped = new AtomicBoolean();
		CountDownLatch begun = new CountDownLatch(200);
		Future<Integer> writer = this.threads.submit(() -> {
			int commits = 0;
			try (Connection connection = connect(); Statement statement = connection.createStatement()) {
				connection.unwrap(SQLiteConnection.class).addCommitListener(new SQLiteCommitListener() {

					@Override
					public void onCommit() {
						ShortLockTests.this.capture.pace().await();
					}

					@Override
					public void onRollback() {
						// nothing was written
					}

				});
				for (; !stopped.get(); commits++) {
					statement.execute("INSERT INTO t(v) VALUES (randomblob(30000))");
					begun.countDown();
				}
			}
			return commits;
		});
		try {
			assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
			for (int i = 0; i < 20; i++) {
				assertThat(this.capture.shortLock().take(true, WAIT)).isTrue();
				assertThat(this.capture.position().uncaptured(this.database.index())).isLessThanOrEqualTo(1 << 20);
				this.database.unlockWriters();
			}
		}
		finally {
			stopped.set(true);
		}
		assertThat(writer.get(20, TimeUnit.SECONDS)).isGreaterThan(200);
	}

	@Test
	void slowsWritersOnlyMeanwhile() {
		WriterPace pace = new WriterPace();
		pace.slow(Duration.ofSeconds(5));
		Thread.currentThread().interrupt();
		pace.await();
		assertThat(Thread.interrupted()).as("an interrupt ends the wait, and stays").isTrue();
		pace.free();
		long begin = System.nanoTime();
		pace.await();
		assertThat(System.nanoTime() - begin).isLessThan(Duration.ofSeconds(4).toNanos());
	}

	private Connection connect() throws SQLException {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.folder.resolve("app.db"));
		try (Statement statement = connection.createStatement()) {
			statement.execute("PRAGMA wal_autocheckpoint=0");
			statement.execute("PRAGMA busy_timeout=10000");
			statement.execute("PRAGMA synchronous=NORMAL");
		}
		return connection;
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
