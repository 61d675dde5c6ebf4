package io.github.litestream4j.session;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;

import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What damages the database file while nobody looks is named at the next start, and never
 * becomes a part of the replica.
 */
class DatabaseDamageTests extends AbstractFileReplicaTests {

	private static final int PAGE = 4096;

	private long last;

	@BeforeEach
	void prepare() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.execute("CREATE TABLE big AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
					+ "WHERE i < 300) SELECT i, randomblob(900) AS data FROM n");
			this.last = ledger.commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			// Longer than a checkpoint is put off: all is in the file
			Awaitility.await().pollDelay(Duration.ofMillis(2500)).until(() -> true);
			// The next run of the WAL, whose few frames hide nothing of it
			this.last = ledger.commit();
		}
	}

	@Test
	void namesThePageAtEachStartAndStoresNothingOfIt() throws Exception {
		long page = Files.size(this.settings.database()) / PAGE - 2;
		flip((page - 1) * PAGE + 2000);
		for (int i = 0; i < 3; i++) {
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				ReplicationStatus status = awaitDamage(database);
				assertThat(status.failure()).contains(this.settings.database().toString())
					.contains("page " + page + " ")
					.contains("expected")
					.contains(this.storage.url())
					.contains("aside");
				assertThat(status.errors().count(ErrorStage.DATABASE)).isOne();
				this.last = new Ledger(connection, i).commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
				assertThat(database.replicator().status().failure()).contains("page " + page + " ");
			}
			// The restored one is right, and so is what the writer says of it
			assertRestores();
		}
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		for (String suffix : List.of("", "-wal", "-shm")) {
			Path file = Path.of(this.settings.database() + suffix);
			Files.move(file, this.folder.resolve("aside" + suffix));
		}
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			this.last = new Ledger(connection, 7).commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			TestDatabase.awaitReading();
			assertThat(database.replicator().status().failure()).isNull();
		}
		assertRestores();
	}

	@Test
	void namesACutFile() throws Exception {
		try (RandomAccessFile file = new RandomAccessFile(this.settings.database().toFile(), "rw")) {
			file.setLength(file.length() - 2 * PAGE);
		}
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			assertThat(awaitDamage(database).failure()).contains("2 pages in all");
		}
		assertRestores();
	}

	@Test
	void saysNothingOfASoundFile() throws Exception {
		for (int i = 0; i < 3; i++) {
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				Ledger ledger = new Ledger(connection, i);
				this.last = ledger.commit();
				ledger.execute("DELETE FROM big WHERE i % 7 = " + i);
				ledger.execute((i == 1) ? "VACUUM" : "CREATE TABLE more_" + i + " AS SELECT * FROM big");
				database.replicator().sync(TestDatabase.TIMEOUT);
				TestDatabase.awaitReading();
				assertThat(database.replicator().status().errors().count(ErrorStage.DATABASE)).isZero();
				assertThat(database.replicator().status().failure()).isNull();
			}
		}
		assertRestores();
	}

	private static ReplicationStatus awaitDamage(TestDatabase database) {
		return Awaitility.await()
			.until(() -> database.replicator().status(), (status) -> status.errors().count(ErrorStage.DATABASE) > 0);
	}

	private void flip(long at) throws Exception {
		try (RandomAccessFile access = new RandomAccessFile(this.settings.database().toFile(), "rw")) {
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
