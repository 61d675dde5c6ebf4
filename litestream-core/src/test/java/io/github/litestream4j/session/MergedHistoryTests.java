package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.Generation;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import io.github.litestream4j.testsupport.LitestreamBinary;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is merged while an application writes gives every state that it says it does, to
 * ours and to the real Litestream, when what it was made of is gone.
 */
class MergedHistoryTests {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	@TempDir
	Path folder;

	private FaultyStorage storage;

	private ReplicatorSettings settings;

	/** The last number of the ledger at each TXID that was stored by a sync. */
	private final Map<Txid, Long> ledgers = new TreeMap<>();

	@BeforeEach
	void prepare() {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.settings = TestDatabase.settings(this.folder.resolve("app.db")).with(levels(400, 1200));
	}

	private static HistorySettings levels(long... millis) {
		HistorySettings defaults = HistorySettings.DEFAULT;
		List<Duration> levels = LongStream.of(millis).mapToObj(Duration::ofMillis).toList();
		return new HistorySettings(levels, defaults.level0Retention(), Duration.ZERO, defaults.snapshotRetention(),
				false, false, Duration.ZERO);
	}

	@Test
	void restoresEveryStateWhenWhatIsMergedIsGone() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 150; i++) {
				commit(database, ledger);
			}
			ledger.execute("DELETE FROM churn");
			ledger.execute("VACUUM");
			commit(database, ledger);
			awaitMerged(2);
			assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING);
		}
		assertThat(this.storage.list(1)).hasSizeLessThan(150);
		deleteLevel0();
		for (StoredFile merged : this.storage.list(1)) {
			assertSameRestores(merged.key().name().max());
		}
		assertThat(Ledger.verify(restored("latest", null))).isEqualTo(newest());
	}

	/** F50: what is stored or merged is not kept here for ever. */
	@Test
	void f50LeavesNothingHereButTheNewestFiles() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 2);
			for (int i = 0; i < 1200; i++) {
				ledger.commit();
				if (i % 2 == 0) {
					database.replicator().sync(PATIENCE);
				}
			}
			awaitMerged(1);
		}
		Path staging = this.settings.stagingDirectory();
		assertThat(staging.resolve("scratch")).isEmptyDirectory();
		assertThat(staging.resolve("ltx/0")).isEmptyDirectory();
		try (Stream<Path> kept = Files.list(staging.resolve("stored"))) {
			assertThat(kept.count()).isLessThanOrEqualTo(1000);
		}
	}

	@Test
	void f52WhatIsMergedFromHereIsNotFetched() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings.with(levels(60_000)), this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 3);
			for (int i = 0; i < 20; i++) {
				commit(database, ledger);
			}
		}
		int reads = this.storage.calls(Operation.READ);
		int fetched;
		try (TestDatabase database = TestDatabase.open(this.settings.with(levels(60_000)), this.storage)) {
			int opened = this.storage.calls(Operation.READ);
			// F56: right after the start, whatever the interval
			awaitMerged(1);
			fetched = this.storage.calls(Operation.READ) - opened;
			assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING);
		}
		assertThat(reads).isZero();
		assertThat(fetched).as("the merged file, read back").isLessThanOrEqualTo(1);
	}

	@Test
	void goesOnWithoutASnapshotWhenOnlyTheNewestFileOfLevel0IsLeft() throws Exception {
		List<Generation> generations = List.of();
		for (int start = 0; start < 3; start++) {
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				Ledger ledger = new Ledger(connection, start);
				for (int i = 0; i < 10; i++) {
					commit(database, ledger);
				}
				generations = database.replicator().generations();
				assertThat(generations).hasSize(1);
				awaitMerged(2);
			}
			deleteLevel0();
			assertThat(this.storage.list(9)).hasSize(1);
		}
		assertThat(Ledger.verify(restored("latest", null))).isEqualTo(newest());
		// Nor after a restore
		Files.delete(this.settings.database());
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(database, new Ledger(connection, 9));
			assertThat(database.replicator().generations()).isEqualTo(generations);
			awaitMerged(2);
		}
		assertThat(this.storage.list(9)).hasSize(1);
		deleteLevel0();
		assertThat(Ledger.verify(restored("again", null))).isEqualTo(newest());
	}

	@Test
	void anOutageOfTheStorageHoldsUpNoCommitAndIsMadeGood() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 4);
			this.storage.failAlways(Operation.READ);
			commit(database, ledger);
			Awaitility.await()
				.atMost(PATIENCE)
				.untilAsserted(() -> assertThat(database.replicator().status().state()).isEqualTo(State.FAILING));
			assertThat(database.replicator().status().failure()).contains("READ fails on demand");
			for (int i = 0; i < 10; i++) {
				commit(database, ledger);
			}
			this.storage.heal();
			awaitMerged(2);
			Awaitility.await()
				.atMost(PATIENCE)
				.untilAsserted(() -> assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING));
		}
		deleteLevel0();
		assertThat(Ledger.verify(restored("latest", null))).isEqualTo(newest());
	}

	private void commit(TestDatabase database, Ledger ledger) throws Exception {
		long number = ledger.commit();
		this.ledgers.put(database.replicator().sync(PATIENCE), number);
	}

	private long newest() {
		return this.ledgers.values().stream().mapToLong(Long::longValue).max().orElseThrow();
	}

	/** Wait until the levels up to one have all that is stored. */
	private void awaitMerged(int level) {
		Awaitility.await().atMost(PATIENCE).until(() -> max(level).equals(max(0)));
	}

	private Txid max(int level) {
		return this.storage.list(level)
			.stream()
			.map((file) -> file.key().name().max())
			.max(Txid::compareTo)
			.orElse(Txid.ZERO);
	}

	private void deleteLevel0() {
		List<LtxKey> keys = this.storage.list(0).stream().map(StoredFile::key).toList();
		this.storage.delete(keys.subList(0, keys.size() - 1));
		assertThat(this.storage.list(0)).hasSize(1);
	}

	private void assertSameRestores(Txid txid) throws Exception {
		Path ours = restored("ours-" + txid, txid);
		Path theirs = this.folder.resolve("theirs-" + txid);
		LitestreamBinary.current()
			.restore(LitestreamBinary.url(this.folder.resolve("replica")), theirs, "-txid", txid.toString())
			.succeeded();
		assertThat(Files.mismatch(ours, theirs)).as("bytes at %s", txid).isEqualTo(-1);
		Long expected = this.ledgers.get(txid);
		if (expected != null) {
			assertThat(Ledger.verify(ours)).isEqualTo(expected);
		}
	}

	private Path restored(String name, @Nullable Txid txid) {
		Path target = this.folder.resolve(name);
		RestoreRequest request = RestoreRequest.latest(target);
		new Restorer(this.storage).restore((txid != null) ? request.to(txid) : request).orElseThrow();
		return target;
	}

}
