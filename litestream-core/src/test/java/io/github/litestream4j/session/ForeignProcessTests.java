package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the {@code sqlite3} command does to a database under replication.
 */
class ForeignProcessTests extends AbstractFileReplicaTests {

	@BeforeEach
	void prepareCheckpoints() {
		this.settings = this.settings.with(new CheckpointSettings(1000, Duration.ofMinutes(1), 121359));
	}

	@Test
	void storesItsRows() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			ledger.commit();
			Txid before = database.replicator().sync(TestDatabase.TIMEOUT);
			sqlite3("INSERT INTO ledger VALUES (2, 3)");
			Awaitility.await()
				.atMost(Duration.ofSeconds(2))
				.until(() -> database.replicator().status().replicatedTxid().isAfter(before));
			assertThat(restoredLast()).isEqualTo(2);
		}
	}

	@Test
	void f14LosesNothingByItsCheckpoints() throws Exception {
		AtomicBoolean stop = new AtomicBoolean();
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 2);
			Thread writer = new Thread(() -> {
				try {
					while (!stop.get()) {
						ledger.commit();
					}
				}
				catch (SQLException ex) {
					throw new IllegalStateException(ex);
				}
			});
			writer.start();
			for (String mode : List.of("TRUNCATE", "PASSIVE", "RESTART", "FULL", "TRUNCATE")) {
				sqlite3("PRAGMA busy_timeout=100; PRAGMA wal_checkpoint(" + mode + ")");
			}
			stop.set(true);
			writer.join();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(restoredLast()).isEqualTo(ledger.last());
			sqlite3("PRAGMA wal_checkpoint(TRUNCATE)");
			long last = ledger.commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(restoredLast()).isEqualTo(last);
			assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		}
	}

	/**
	 * A connection that knows of no checkpoint gives the run that it begins salts of its
	 * own.
	 */
	@Test
	void goesOnWhenANewConnectionBeginsTheWalThatItCut() throws Exception {
		Path wal = this.folder.resolve("app.db-wal");
		ReplicatorSettings eager = this.settings.with(new CheckpointSettings(1, Duration.ofSeconds(1), 1000));
		try (TestDatabase database = TestDatabase.open(eager, this.storage)) {
			for (int i = 1; i < 4; i++) {
				try (Connection connection = database.connect()) {
					new Ledger(connection, i).commit();
				}
				database.replicator().sync(TestDatabase.TIMEOUT);
				Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
					sqlite3("PRAGMA wal_checkpoint(TRUNCATE)");
					return Files.size(wal) == 0;
				});
			}
			try (Connection connection = database.connect()) {
				new Ledger(connection, 4).commit();
			}
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(restoredLast()).isEqualTo(4);
			assertThat(this.storage.listMeta("generations")).hasSize(1);
		}
	}

	@Test
	void goesOnWhenItCheckpointedWhileWeWereAway() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 3).commit();
		}
		sqlite3("INSERT INTO ledger VALUES (2, 3); PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO ledger VALUES (3, 6)");
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 3).commit();
		}
		assertThat(restoredLast()).isEqualTo(4);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	@Test
	void f20LeavesNothingOfOursInTheSchema() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE TABLE mine (id INTEGER PRIMARY KEY)");
			database.replicator().sync(TestDatabase.TIMEOUT);
			int salt = Sqlite3.salt(this.settings.database());
			// Until it was checkpointed too
			Awaitility.await().atMost(TestDatabase.TIMEOUT).until(() -> {
				statement.execute("INSERT INTO mine DEFAULT VALUES");
				return Sqlite3.salt(this.settings.database()) != salt;
			});
			try (ResultSet rows = statement.executeQuery("SELECT group_concat(name) FROM sqlite_schema")) {
				rows.next();
				assertThat(rows.getString(1)).isEqualTo("mine");
			}
		}
	}

	@Test
	void f20CostsNothingWhileIdle() throws Exception {
		this.settings = this.settings.with(new CheckpointSettings(1, Duration.ofMillis(1), 1000));
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 4).commit();
			Txid txid = database.replicator().sync(TestDatabase.TIMEOUT);
			int calls = this.storage.calls();
			// Longer than a look for other processes' commits, and than a checkpoint is
			// put off
			Awaitility.await()
				.during(Duration.ofSeconds(4))
				.atMost(Duration.ofSeconds(6))
				.until(() -> this.storage.calls() == calls && database.replicator().status().txid().equals(txid));
			assertThat(database.replicator().status().lag()).isZero();
		}
	}

	private void sqlite3(String sql) {
		ChildProcess process = ChildProcess.start(List.of("sqlite3", this.settings.database().toString(), sql),
				Map.of(), this.folder, this.folder.resolve("sqlite3.log"));
		assertThat(process.await(Duration.ofSeconds(30))).as(process::output).isZero();
	}

}
