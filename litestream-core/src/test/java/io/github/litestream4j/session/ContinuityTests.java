package io.github.litestream4j.session;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.ltx.LtxWriter;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A history goes on only where that is proven, and nothing counts as stored that a
 * restore would not give.
 */
class ContinuityTests extends AbstractFileReplicaTests {

	private static final Duration SHORT = Duration.ofMillis(200);

	@Test
	void f03SeesThatTheFormerRunWentOnBeforeTheWalWasTruncated() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 20; i++) {
				ledger.commit();
			}
			database.replicator().sync(TestDatabase.TIMEOUT);
			// Longer than a checkpoint is put off: all is copied back
			Awaitility.await().pollDelay(Duration.ofMillis(2500)).until(() -> true);
		}
		try (Connection other = connectDirectly()) {
			Ledger ledger = new Ledger(other, 2);
			insertBlob(other, 50_000);
			execute(other, "PRAGMA wal_checkpoint(TRUNCATE)");
			ledger.commit();
			execute(other, "PRAGMA wal_checkpoint(PASSIVE)");
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
				ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
		Path restored = restore();
		assertThat(Ledger.verify(restored)).isEqualTo(22);
		assertThat(blobs(restored)).isEqualTo(blobs(this.settings.database()));
	}

	@Test
	void storesALongTransactionThatWasCopiedBackWhileWeWereAway() throws Exception {
		try (Connection other = connectDirectly()) {
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
				new Ledger(other, 1).commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			insertBlob(other, 3_000_000);
			execute(other, "PRAGMA wal_checkpoint(PASSIVE)");
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
		}
		Path restored = restore();
		assertThat(Ledger.verify(restored)).isOne();
		assertThat(blobs(restored)).isEqualTo(blobs(this.settings.database()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:sqlite:file:%s?mode=rwc", "jdbc:sqlite:file:%s?cache=private&mode=rw" })
	void goesOnWithAUriThatAsksToWrite(String template) throws Exception {
		String url = template.formatted(this.settings.database());
		connectDirectly().close();
		ReplicatorSettings withUrl = new ReplicatorSettings("app", this.settings.database(), url, Map.of(),
				this.settings.stagingDirectory(), Duration.ZERO, this.settings.busyTimeout(),
				this.settings.checkpoint());
		for (int i = 0; i < 2; i++) {
			try (TestDatabase database = TestDatabase.open(withUrl, SqliteUrl.parse(url), this.storage);
					Connection connection = database.connect()) {
				new Ledger(connection, i).commit();
			}
		}
		assertThat(restoredLast()).isEqualTo(2);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@Test
	void canBeRestoredWhileTheSnapshotOfANewBeginningIsStillToCome() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 8).commit();
		}
		try (Connection last = connectDirectly()) {
			new Ledger(last, 8).commit();
		}
		// Else the pages that differ are enough
		Files.delete(this.settings.stagingDirectory().resolve("checksums"));
		Files.delete(this.settings.stagingDirectory().resolve("checksums-change"));
		this.storage.failAlways(Operation.PUT);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 9);
			for (int i = 0; i < 3; i++) {
				ledger.commit();
				assertThatExceptionOfType(StorageUnavailableException.class)
					.isThrownBy(() -> database.replicator().sync(SHORT));
			}
			assertThat(restoredLast()).as("the machine is lost now").isOne();
			this.storage.heal();
		}
		assertThat(restoredLast()).isEqualTo(5);
	}

	@Test
	void countsNothingAsStoredBeforeTheFirstSnapshotIs() throws Exception {
		this.storage.failAlways(Operation.PUT);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 3);
			this.storage.hang(Operation.PUT_IF_ABSENT);
			for (int i = 0; i < 4; i++) {
				ledger.commit();
				assertThatExceptionOfType(StorageUnavailableException.class)
					.isThrownBy(() -> database.replicator().sync(SHORT));
			}
			int failed = this.storage.calls(Operation.PUT);
			Awaitility.await().until(() -> this.storage.calls(Operation.PUT) > failed);
			this.storage.release(Operation.PUT_IF_ABSENT);
			assertThatExceptionOfType(StorageUnavailableException.class)
				.isThrownBy(() -> database.replicator().sync(Duration.ofSeconds(1)));
			assertThat(database.replicator().status().replicatedTxid()).isEqualTo(Txid.ZERO);
			this.storage.heal();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(restoredLast()).isEqualTo(ledger.last());
		}
	}

	@Test
	void doesNotGoOnAfterWhatAnotherWriterStored() throws Exception {
		Path link = Files.createSymbolicLink(this.folder.resolve("link"),
				Files.createDirectories(this.folder.resolve("replica")));
		try (TestDatabase first = TestDatabase.open(this.settings, this.storage); Connection mine = first.connect()) {
			execute(mine, "CREATE TABLE x(v)", "CREATE TABLE y(v)", "CREATE TABLE z(v)");
			first.replicator().sync(TestDatabase.TIMEOUT);
		}
		DatabaseSession session = TestDatabase.open(this.settings, this.storage).session();
		this.storage.failAlways(Operation.PUT_IF_ABSENT);
		try (Connection mine = connectDirectly()) {
			execute(mine, "INSERT INTO x VALUES ('mine')");
		}
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> session.replicator().sync(SHORT));
		try (TestDatabase second = TestDatabase.open(TestDatabase.settings(this.folder.resolve("second.db")),
				new FileReplicaStorage(link)); Connection theirs = second.connect()) {
			execute(theirs, "INSERT INTO y VALUES ('theirs')");
		}
		this.storage.heal();
		Awaitility.await().until(() -> session.replicator().status().state() == State.FENCED);
		assertThatExceptionOfType(ConflictException.class)
			.isThrownBy(() -> session.replicator().sync(TestDatabase.TIMEOUT))
			.withMessageContaining("nothing is stored any more")
			.withMessageContaining("Two applications write to this replica");
		assertThat(session.close(SHORT)).isFalse();
		try (TestDatabase again = TestDatabase.open(this.settings, this.storage); Connection mine = again.connect()) {
			execute(mine, "INSERT INTO z VALUES ('mine')");
		}
		Path restored = restore();
		String all = "SELECT group_concat(t || v) FROM (SELECT 'x' t, v FROM x UNION ALL SELECT 'y', v FROM y UNION ALL SELECT 'z', v FROM z)";
		assertThat(query(restored, all)).isEqualTo(query(this.settings.database(), all));
	}

	@Test
	void timesAscendOverARestartThoughTheClockWasPutBack() throws Exception {
		Instant ahead = Instant.now().plus(Duration.ofHours(1)).truncatedTo(ChronoUnit.MILLIS);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 6).commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
		}
		List<StoredFile> before = this.storage.list(0);
		Txid last = before.get(before.size() - 1).key().name().max();
		store(last.next(), ahead);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 7).commit();
		}
		List<StoredFile> after = this.storage.list(0);
		assertThat(after).hasSizeGreaterThan(before.size() + 1);
		assertThat(this.storage.timestamp(after.get(after.size() - 1))).isEqualTo(ahead);
	}

	/** Page 1 as it is, by a writer whose clock is ahead. */
	private void store(Txid txid, Instant time) throws Exception {
		byte[] page = Files.readAllBytes(restore());
		int pageSize = 4096;
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try (LtxWriter writer = new LtxWriter(out, LtxHeader.of(pageSize, page.length / pageSize, txid, txid, time))) {
			writer.writePage(1, page, 0);
			writer.finish(0);
		}
		this.storage.putIfAbsent(new LtxKey(0, LtxFileName.of(txid)), Content.of(out.toByteArray()), time);
	}

	private Connection connectDirectly() throws SQLException {
		Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database());
		execute(connection, "PRAGMA journal_mode=WAL", "PRAGMA busy_timeout=5000");
		return connection;
	}

	private static void insertBlob(Connection connection, int length) throws SQLException {
		byte[] data = new byte[length];
		new Random(length).nextBytes(data);
		try (PreparedStatement insert = connection.prepareStatement("INSERT INTO churn VALUES (-1, ?)")) {
			insert.setBytes(1, data);
			insert.executeUpdate();
		}
	}

	private static String blobs(Path database) throws SQLException {
		return query(database, "SELECT group_concat(hex(substr(data, -10))) FROM churn");
	}

	private static void execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	private static String query(Path database, String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getString(1);
		}
	}

}
