package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A start that finds what the last one left takes no snapshot, whatever was known of the
 * pages by then.
 */
class RestartTests extends AbstractFileReplicaTests {

	private long last;

	@Test
	void f10GoesOnAfterARestoreThatNothingWasWrittenAfter() throws Exception {
		commit();
		loseDatabase();
		for (int i = 0; i < 3; i++) {
			idle(true);
		}
		assertOneHistory();
		commit();
		assertOneHistory();
	}

	@Test
	void f10GoesOnAfterARestoreAndAStopAtOnce() throws Exception {
		commit();
		loseDatabase();
		for (int i = 0; i < 5; i++) {
			idle(false);
		}
		assertOneHistory();
		commit();
		assertOneHistory();
	}

	@Test
	void f10GoesOnAfterARestoreOnANewMachine() throws Exception {
		commit();
		for (boolean settled : new boolean[] { true, false }) {
			loseDatabase();
			loseStaging();
			idle(settled);
			idle(settled);
			assertOneHistory();
		}
	}

	@Test
	void f10GoesOnAfterAnIdleFirstStart() throws Exception {
		idle(true);
		idle(false);
		idle(true);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		commit();
		assertOneHistory();
	}

	@Test
	void f10GoesOnWhenTheWalIsEmptyOrGone() throws Exception {
		commit();
		for (String sql : List.of("PRAGMA wal_checkpoint(TRUNCATE)", "SELECT count(*) FROM ledger")) {
			Sqlite3.run(this.settings.database(), sql);
			idle(true);
			assertOneHistory();
		}
	}

	@Test
	void f10GoesOnAfterAKillOfAnIdleProcess() throws Exception {
		commit();
		loseDatabase();
		for (int i = 0; i < 3; i++) {
			Path log = this.folder.resolve("child-" + i);
			try (ChildProcess child = LedgerProcess.startIdle(this.settings.database(), this.folder.resolve("replica"),
					log)) {
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.until(() -> Files.exists(log) && Files.readString(log).contains("open"));
				child.kill();
			}
			assertOneHistory();
		}
		idle(false);
		commit();
		assertOneHistory();
	}

	@Test
	void takesASnapshotWhenAStrangerWroteAndThePagesWereNotKnown() throws Exception {
		commit();
		loseDatabase();
		idle(false);
		Files.deleteIfExists(this.settings.stagingDirectory().resolve("checksums"));
		Files.deleteIfExists(this.settings.stagingDirectory().resolve("checksums-change"));
		this.last++;
		Sqlite3.run(this.settings.database(),
				"INSERT INTO ledger VALUES (%d, %d)".formatted(this.last, this.last * (this.last + 1) / 2));
		idle(true);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		assertRestores();
		commit();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(2);
		assertRestores();
	}

	private void commit() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			this.last = new Ledger(connection, this.last).commit();
			new Ledger(connection, this.last).execute("INSERT INTO churn VALUES (NULL, randomblob(300000))");
		}
	}

	/**
	 * @param settled whether what a start does in the background may end
	 */
	private void idle(boolean settled) {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			if (settled) {
				database.replicator().sync(TestDatabase.TIMEOUT);
				TestDatabase.awaitReading();
			}
		}
	}

	private void loseDatabase() throws Exception {
		for (String suffix : List.of("", "-wal", "-shm")) {
			Files.deleteIfExists(Path.of(this.settings.database() + suffix));
		}
	}

	private void loseStaging() throws Exception {
		try (var paths = Files.walk(this.settings.stagingDirectory())) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(path);
			}
		}
	}

	private void assertOneHistory() throws Exception {
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
		assertRestores();
	}

	private void assertRestores() throws Exception {
		assertThat(restoredLast()).isEqualTo(this.last);
	}

}
