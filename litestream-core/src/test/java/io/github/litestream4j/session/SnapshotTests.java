package io.github.litestream4j.session;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A snapshot is one state of the database, however slowly it is stored and whatever
 * happens meanwhile.
 */
class SnapshotTests {

	@TempDir
	Path folder;

	private final CountDownLatch begun = new CountDownLatch(1);

	private final CountDownLatch goOn = new CountDownLatch(1);

	private FaultyStorage storage;

	private ReplicatorSettings settings;

	@BeforeEach
	void prepare() {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.settings = TestDatabase.settings(this.folder.resolve("app.db"))
			.with(new CheckpointSettings(1, Duration.ofMillis(1), 100_000));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void f23IsOneStateThoughTheDatabaseIsWrittenAndCheckpointedMeanwhile(boolean readerInTheWay) throws Exception {
		try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database());
				Connection writer = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database())) {
			execute(writer, "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
					"CREATE TABLE t AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
							+ "WHERE i < 1000) SELECT i, randomblob(3900) AS v FROM n");
			if (readerInTheWay) {
				// Then a part of the state is in the WAL alone, to be copied back later
				execute(reader, "BEGIN", "SELECT count(*) FROM t");
				execute(writer, "UPDATE t SET v = randomblob(3900) WHERE i % 2 = 0");
			}
			String before = rows(this.settings.database());
			try (TestDatabase database = TestDatabase.open(this.settings, slowed())) {
				assertThat(this.begun.await(30, TimeUnit.SECONDS)).isTrue();
				if (readerInTheWay) {
					execute(reader, "COMMIT");
				}
				writeAndCheckpoint(writer);
				this.goOn.countDown();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			assertThat(rows(restore(RestoreRequest.latest(this.folder.resolve("snapshot")).to(Txid.FIRST))))
				.isEqualTo(before);
			assertThat(rows(restore(RestoreRequest.latest(this.folder.resolve("latest")))))
				.isEqualTo(rows(this.settings.database()))
				.isNotEqualTo(before);
			assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
			assertThat(this.storage.calls(Operation.PUT)).as("the first one was sound").isOne();
		}
	}

	@Test
	void f04NoCommitWaitsWhileAllPagesAreRead() throws Exception {
		try (Connection writer = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database())) {
			execute(writer, "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0", "PRAGMA busy_timeout=0",
					"CREATE TABLE t AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
							+ "WHERE i < 1000) SELECT i, randomblob(3900) AS v FROM n");
			try (TestDatabase database = TestDatabase.open(this.settings, slowed())) {
				assertThat(this.begun.await(30, TimeUnit.SECONDS)).isTrue();
				for (int i = 1; i <= 50; i++) {
					execute(writer, "UPDATE t SET v = randomblob(100) WHERE i = " + i);
				}
				this.goOn.countDown();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
		assertThat(rows(restore(RestoreRequest.latest(this.folder.resolve("latest")))))
			.isEqualTo(rows(this.settings.database()));
	}

	@Test
	void f17WritersGoOnDuringASnapshotAndCheckpointsWaitForItsEnd() throws Exception {
		try (Connection writer = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database())) {
			execute(writer, "PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0", "PRAGMA busy_timeout=0",
					"CREATE TABLE t AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
							+ "WHERE i < 1000) SELECT i, randomblob(3900) AS v FROM n");
			try (TestDatabase database = TestDatabase.open(this.settings, slowed())) {
				assertThat(this.begun.await(30, TimeUnit.SECONDS)).isTrue();
				execute(writer, "DELETE FROM t WHERE i = 1");
				int salt = Sqlite3.salt(this.settings.database());
				// A checkpoint is due all the time
				Awaitility.await().during(Duration.ofMillis(2500)).atMost(Duration.ofSeconds(20)).until(() -> {
					execute(writer, "UPDATE t SET v = randomblob(100) WHERE i = 2");
					return Sqlite3.salt(this.settings.database()) == salt;
				});
				this.goOn.countDown();
				Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
					writeWithPatience(writer);
					return Sqlite3.salt(this.settings.database()) != salt;
				});
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
	}

	/** A checkpoint may lock it out for a moment. */
	private static void writeWithPatience(Connection writer) throws SQLException {
		execute(writer, "PRAGMA busy_timeout=5000", "UPDATE t SET v = randomblob(100) WHERE i = 2");
	}

	private void writeAndCheckpoint(Connection writer) throws Exception {
		for (String mode : new String[] { "PASSIVE", "FULL", "RESTART", "TRUNCATE" }) {
			execute(writer, "UPDATE t SET v = randomblob(3900)");
			Sqlite3.run(this.settings.database(), ".timeout 0\nPRAGMA wal_checkpoint(" + mode + ")");
		}
		// Longer than a checkpoint of ours is put off
		Awaitility.await().pollDelay(Duration.ofMillis(1500)).until(() -> true);
		execute(writer, "DELETE FROM t WHERE i % 3 = 0", "UPDATE t SET v = zeroblob(100) WHERE i < 100");
		Sqlite3.run(this.settings.database(), ".timeout 0\nPRAGMA wal_checkpoint(TRUNCATE)");
	}

	private Path restore(RestoreRequest request) {
		new Restorer(this.storage).restore(request);
		return request.target();
	}

	/** The storage with a pause after the first MiB of a snapshot. */
	private ReplicaStorage slowed() {
		return (ReplicaStorage) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ReplicaStorage.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("put")) {
						BodyWriter body = (BodyWriter) arguments[2];
						arguments[2] = (BodyWriter) (out) -> body.writeTo(new Slowed(out));
					}
					try {
						return method.invoke(this.storage, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

	private static String rows(Path database) throws Exception {
		MessageDigest digest = MessageDigest.getInstance("SHA-256");
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT i, v FROM t ORDER BY i")) {
			while (rows.next()) {
				digest.update((byte) rows.getInt(1));
				digest.update(rows.getBytes(2));
			}
		}
		return HexFormat.of().formatHex(digest.digest());
	}

	private static void execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	/**
	 * Stops after a MiB until it may go on.
	 */
	private final class Slowed extends FilterOutputStream {

		private long written;

		Slowed(OutputStream out) {
			super(out);
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			this.out.write(bytes, offset, length);
			this.written += length;
			if (this.written > 1 << 20) {
				SnapshotTests.this.begun.countDown();
				try {
					SnapshotTests.this.goOn.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					throw new InterruptedIOException("given up");
				}
			}
		}

	}

}
