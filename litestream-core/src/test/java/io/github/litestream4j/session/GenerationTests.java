package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.Generation;
import io.github.litestream4j.restore.IntegrityCheck;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.testsupport.ChildProcess;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Each history has a record that says why it began, and nothing else has one.
 */
class GenerationTests extends AbstractFileReplicaTests {

	@Test
	void tenCleanStopsAndStartsUnderLoadAreOneGeneration() throws Exception {
		long last = 0;
		for (int round = 0; round < 10; round++) {
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				Ledger ledger = new Ledger(connection, round);
				assertThat(ledger.last()).isEqualTo(last);
				for (int i = 0; i < 100; i++) {
					last = ledger.commit();
				}
			}
		}
		assertOneGeneration();
		assertRestores(last);
	}

	@Test
	void tenKillsAndStartsUnderLoadAreOneGeneration() throws Exception {
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		Random random = new Random(seed);
		long last = 0;
		for (int round = 0; round < 10; round++) {
			Path log = this.folder.resolve("log-" + round);
			long until = last + 1 + random.nextInt(300);
			boolean first = round == 0;
			try (ChildProcess child = LedgerProcess.start(this.settings.database(), this.folder.resolve("replica"),
					Duration.ZERO, round, log)) {
				Awaitility.await()
					.pollInterval(Duration.ofMillis(5))
					.atMost(Duration.ofSeconds(60))
					.until(() -> !child.isAlive() || (LedgerProcess.lastReported(log) >= until
							&& (!first || !this.storage.list(LtxKey.SNAPSHOT_LEVEL).isEmpty())));
				assertThat(child.isAlive()).as(child::output).isTrue();
				child.kill();
			}
			last = LedgerProcess.lastReported(log);
		}
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			assertThat(new Ledger(connection, 0).last()).isGreaterThanOrEqualTo(last);
			last = new Ledger(connection, 0).last();
		}
		assertOneGeneration();
		assertRestores(last);
	}

	private void assertOneGeneration() {
		assertThat(this.storage.listMeta("generations")).containsExactly("0000000000000001.json");
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		assertThat(reasons()).containsExactly("first-start");
	}

	@Test
	void aRecordSaysWhenAndWhy() throws Exception {
		Instant before = Instant.ofEpochMilli(System.currentTimeMillis());
		commit();
		Generation first = generations().get(0);
		assertThat(first.firstTxid()).isEqualTo(Txid.FIRST);
		assertThat(first.reason()).isEqualTo("first-start");
		assertThat(first.startedAt()).isBetween(before, Instant.now());
		assertThat(first.writer()).contains(Long.toString(ProcessHandle.current().pid()));
		loseStaging();
		commit();
		List<Generation> both = generations();
		assertThat(both.get(0)).isEqualTo(first);
		assertThat(both).extracting(Generation::reason).containsExactly("first-start", "position-unknown");
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)
			.stream()
			.anyMatch((file) -> file.key().name().max().equals(both.get(1).firstTxid()))).isTrue();
		assertRestores(2);
	}

	@Test
	void pagesThatDifferAreAGenerationAndNoneAreNot() throws Exception {
		commit();
		commit();
		Sqlite3.run(this.settings.database(), "SELECT count(*) FROM ledger; PRAGMA wal_checkpoint(TRUNCATE)");
		commit();
		assertThat(reasons()).containsExactly("first-start");
		Sqlite3.run(this.settings.database(), "INSERT INTO ledger VALUES (4, 10); PRAGMA wal_checkpoint(TRUNCATE)");
		commit();
		assertThat(reasons()).containsExactly("first-start", "wal-restarted");
		Txid delta = generations().get(1).firstTxid();
		assertThat(this.storage.list(0)).anyMatch((file) -> file.key().name().min().equals(delta));
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
		assertRestores(5);
	}

	@Test
	void aRecordOfPagesThatDifferIsStoredByTheNextProcess() throws Exception {
		commit();
		commit();
		Sqlite3.run(this.settings.database(), "INSERT INTO ledger VALUES (3, 6); PRAGMA wal_checkpoint(TRUNCATE)");
		this.storage.failAlways(Operation.PUT_META);
		this.storage.failAlways(Operation.PUT_IF_ABSENT);
		DatabaseSession session = DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, this.storage);
		session.replicator().start();
		Path staged = this.settings.stagingDirectory().resolve("ltx/0");
		Awaitility.await().until(() -> !names(staged).isEmpty());
		assertThat(session.close(Duration.ofMillis(300))).isFalse();
		this.storage.heal();
		assertThat(reasons()).containsExactly("first-start", "wal-restarted");
		commit();
		assertThat(reasons()).containsExactly("first-start", "wal-restarted");
		assertRestores(4);
	}

	@ParameterizedTest
	@EnumSource(names = { "PUT_META", "PUT_IF_ABSENT" })
	void anOutageDelaysTheRecordAndNotTheStart(Operation operation) throws Exception {
		commit();
		loseStaging();
		this.storage.failAlways(operation);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 1).commit();
			assertThatExceptionOfType(StorageUnavailableException.class)
				.isThrownBy(() -> database.replicator().sync(Duration.ofMillis(300)));
			assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("no snapshot before its record").hasSize(1);
			assertThat(database.replicator().generations()).hasSize(1);
			this.storage.heal();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(database.replicator().generations()).hasSize(2);
		}
		assertThat(reasons()).containsExactly("first-start", "position-unknown");
		assertRestores(2);
	}

	@Test
	void aRecordWithoutFilesDoesNotCount() throws Exception {
		commit();
		for (int i = 0; i < 3; i++) {
			loseStaging();
			this.storage.failAlways(Operation.PUT);
			DatabaseSession session = DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, this.storage);
			session.replicator().start();
			int failed = this.storage.calls(Operation.PUT);
			Awaitility.await().until(() -> this.storage.calls(Operation.PUT) > failed);
			assertThat(session.replicator().generations()).hasSize(1);
			session.close(Duration.ofMillis(1));
			this.storage.heal();
		}
		assertThat(this.storage.listMeta("generations")).hasSize(4);
		commit();
		assertThat(reasons()).hasSize(2);
		commit();
		assertThat(reasons()).hasSize(2);
		assertRestores(3);
	}

	@Test
	void f26WhatIsWrittenAfterARestoreIsStored() throws Exception {
		for (int i = 0; i < 3; i++) {
			commit();
			commit();
			loseDatabase();
		}
		assertRestores(6);
		assertThat(reasons()).containsExactly("first-start");
		// An older state: its history goes on above all that is there
		Txid newest = newest();
		RestoreSettings older = new RestoreSettings(true, new Txid(newest.value() - 2), null, IntegrityCheck.QUICK, 1);
		loseDatabase();
		DatabaseSession session = DatabaseSession.open(this.settings, older, this.storage);
		session.replicator().start();
		session.replicator().sync(TestDatabase.TIMEOUT);
		session.close(TestDatabase.TIMEOUT);
		long restored = restoredLast();
		assertThat(restored).isLessThan(6);
		commit();
		loseDatabase();
		commit();
		assertRestores(restored + 2);
		assertThat(reasons()).containsExactly("first-start", "replica-ahead");
		assertThat(generations().get(1).firstTxid()).isGreaterThan(newest);
	}

	@Test
	void f25NoHistoryIsWithoutItsSnapshot() throws Exception {
		Sqlite3.run(this.settings.database(), "CREATE TABLE big AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL "
				+ "SELECT i + 1 FROM n WHERE i < 3000) SELECT i, randomblob(900) AS data FROM n");
		this.storage.failAlways(Operation.PUT);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 5; i++) {
				ledger.commit();
				assertThatExceptionOfType(StorageUnavailableException.class)
					.isThrownBy(() -> database.replicator().sync(Duration.ofMillis(100)));
				assertThat(this.storage.list(0)).as("nothing that could not be restored").isEmpty();
			}
			this.storage.heal();
		}
		assertRestores(5);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	@Test
	void damageIsNamedWhereItIsReadAndStopsNothing() throws Exception {
		commit();
		Path record = this.folder.resolve("replica/meta/generations/0000000000000001.json");
		byte[] bytes = Files.readAllBytes(record);
		bytes[bytes.length / 2] ^= 1;
		Files.write(record, bytes);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			assertThat(database.replicator().status().generation()).isNull();
			assertThatExceptionOfType(CorruptDataException.class).isThrownBy(() -> database.replicator().generations())
				.withMessageContaining("generations/0000000000000001.json");
		}
		commit();
		assertRestores(2);
	}

	private void commit() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			new Ledger(connection, 1).commit();
			database.replicator().sync(TestDatabase.TIMEOUT);
			TestDatabase.awaitReading();
		}
	}

	private List<Generation> generations() {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			database.replicator().sync(TestDatabase.TIMEOUT);
			List<Generation> generations = database.replicator().generations();
			assertThat(database.replicator().status().generation())
				.isEqualTo(generations.get(generations.size() - 1).id());
			return generations;
		}
	}

	private List<String> reasons() {
		return generations().stream().map(Generation::reason).toList();
	}

	private Txid newest() {
		var files = this.storage.list(0);
		return files.get(files.size() - 1).key().name().max();
	}

	private void loseStaging() throws Exception {
		delete(this.settings.stagingDirectory());
	}

	private void loseDatabase() throws Exception {
		for (String suffix : List.of("", "-wal", "-shm")) {
			Files.deleteIfExists(Path.of(this.settings.database() + suffix));
		}
	}

	private static List<Path> names(Path folder) throws Exception {
		try (Stream<Path> files = Files.list(folder)) {
			return files.toList();
		}
	}

	private static void delete(Path folder) throws Exception {
		try (Stream<Path> paths = Files.walk(folder)) {
			for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(path);
			}
		}
	}

}
