package io.github.litestream4j.session;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;

import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Snapshots on the interval: as many as were asked for, whoever starts again and however
 * often.
 */
class IntervalSnapshotTests {

	private static final Duration INTERVAL = Duration.ofSeconds(3);

	@TempDir
	Path folder;

	private FaultyStorage storage;

	private ReplicatorSettings settings;

	/** Nothing is merged or deleted here. */
	static HistorySettings history(Duration snapshotInterval) {
		return new HistorySettings(List.of(), Duration.ofMinutes(5), snapshotInterval, Duration.ofHours(24), false,
				false, Duration.ZERO);
	}

	@BeforeEach
	void prepare() {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.settings = TestDatabase.settings(this.folder.resolve("app.db")).with(history(INTERVAL));
	}

	@Test
	void f53TheIntervalGoesOnOverRestarts() throws Exception {
		long start = System.nanoTime();
		long end = start + INTERVAL.multipliedBy(3).toNanos();
		int starts = 0;
		long last = 0;
		while (System.nanoTime() < end) {
			starts++;
			try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
					Connection connection = database.connect()) {
				Ledger ledger = new Ledger(connection, starts);
				long pause = System.nanoTime() + INTERVAL.toNanos() / 4;
				Awaitility.await().until(() -> {
					ledger.commit();
					return System.nanoTime() > pause;
				});
				last = ledger.last();
			}
		}
		// Each of the times that it was open is shorter than the interval
		assertThat(starts).isGreaterThan(5);
		long intervals = (System.nanoTime() - start) / INTERVAL.toNanos();
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL).size()).isBetween(3, (int) intervals + 2);
		assertThat(this.storage.calls(Operation.PUT)).isLessThanOrEqualTo((int) intervals + 2);
		assertRestores(last);
	}

	@Test
	void f53AnIdleDatabaseHasNone() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings.with(history(Duration.ofMillis(300))),
				this.storage); Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 3; i++) {
				int before = this.storage.calls(Operation.PUT);
				ledger.commit();
				Awaitility.await()
					.atMost(TestDatabase.TIMEOUT)
					.until(() -> newest().equals(database.replicator().status().txid()));
				int calls = this.storage.calls();
				assertThat(this.storage.calls(Operation.PUT)).isGreaterThan(before);
				Awaitility.await().pollDelay(Duration.ofMillis(1500)).until(() -> true);
				// One listing is this test's own
				assertThat(this.storage.calls()).isLessThanOrEqualTo(calls + 1);
			}
			assertThat(database.replicator().status().failure()).isNull();
		}
		assertRestores(3);
	}

	private Txid newest() {
		List<Txid> snapshots = this.storage.list(LtxKey.SNAPSHOT_LEVEL)
			.stream()
			.map((file) -> file.key().name().max())
			.toList();
		return snapshots.isEmpty() ? Txid.ZERO : snapshots.get(snapshots.size() - 1);
	}

	private void assertRestores(long last) throws Exception {
		for (var snapshot : this.storage.list(LtxKey.SNAPSHOT_LEVEL)) {
			if (snapshot.key().name().max().equals(Txid.FIRST)) {
				// There was no ledger yet
				continue;
			}
			Path target = this.folder.resolve("restored-" + snapshot.key().name().max());
			new Restorer(this.storage).restore(RestoreRequest.latest(target).to(snapshot.key().name().max()));
			Ledger.verify(target);
		}
		Path latest = this.folder.resolve("restored");
		TestDatabase.restore(this.storage, latest);
		assertThat(Ledger.verify(latest)).isEqualTo(last);
	}

}
