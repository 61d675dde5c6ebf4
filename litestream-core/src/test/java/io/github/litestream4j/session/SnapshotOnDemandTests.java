package io.github.litestream4j.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.replication.SnapshotResult;
import io.github.litestream4j.restore.RestoreRequest;
import io.github.litestream4j.restore.Restorer;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Snapshots that somebody asks for, while an application writes.
 */
class SnapshotOnDemandTests extends AbstractFileReplicaTests {

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final AtomicBoolean stop = new AtomicBoolean();

	@AfterEach
	void end() throws Exception {
		this.stop.set(true);
		this.storage.heal();
		this.threads.shutdownNow();
		assertThat(this.threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void f23EachIsOneStateWhileOthersWriteAndCheckpointAndVacuum() throws Exception {
		ReplicatorSettings busy = this.settings.with(new CheckpointSettings(20, Duration.ofMillis(100), 1000));
		Map<Txid, Long> least = new LinkedHashMap<>();
		try (TestDatabase database = TestDatabase.open(busy, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 23);
			ledger.execute("PRAGMA busy_timeout=60000");
			ledger.execute("CREATE TABLE other0(v)");
			ledger.execute("CREATE TABLE other1(v)");
			Future<?> writer = repeat(ledger::commit);
			List<Future<?>> others = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				Connection other = database.connect();
				others.add(repeatSql(other, "INSERT INTO other" + i + " SELECT randomblob(3000) FROM ledger LIMIT 50",
						"DELETE FROM other" + i));
			}
			others.add(repeatSql(database.connect(), "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA wal_checkpoint(FULL)"));
			others.add(repeatSql(database.connect(), "VACUUM"));
			while (least.size() < 15) {
				long before = ledger.last();
				SnapshotResult result = database.replicator().snapshot(TestDatabase.TIMEOUT);
				assertThat(result.existed()).as("it has a TXID of its own").isEqualTo(least.containsKey(result.txid()));
				least.put(result.txid(), before);
			}
			this.stop.set(true);
			writer.get(30, TimeUnit.SECONDS);
			for (Future<?> other : others) {
				other.get(30, TimeUnit.SECONDS);
			}
		}
		long former = 0;
		for (Map.Entry<Txid, Long> one : least.entrySet()) {
			long last = Ledger.verify(restoredAlone(one.getKey()));
			assertThat(last).as("what was committed before the call").isGreaterThanOrEqualTo(one.getValue());
			assertThat(last).isGreaterThanOrEqualTo(former);
			former = last;
		}
		assertThat(Ledger.verify(restored(null))).isGreaterThanOrEqualTo(former);
	}

	@Test
	void callersAtOnceShareOne() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			commit(ledger, 10);
			Replicator replicator = database.replicator();
			replicator.sync(TestDatabase.TIMEOUT);
			int before = this.storage.calls(Operation.PUT);
			this.storage.hang(Operation.PUT);
			CyclicBarrier together = new CyclicBarrier(6);
			List<Future<SnapshotResult>> calls = new ArrayList<>();
			for (int i = 0; i < 6; i++) {
				calls.add(this.threads.submit(() -> {
					together.await();
					return replicator.snapshot(TestDatabase.TIMEOUT);
				}));
			}
			Awaitility.await().until(() -> this.storage.calls(Operation.PUT) > before);
			// What comes later is in the next one
			commit(ledger, 1);
			Future<SnapshotResult> later = this.threads.submit(() -> replicator.snapshot(TestDatabase.TIMEOUT));
			Awaitility.await().until(() -> replicator.status().lagTransactions() == 0);
			this.storage.release(Operation.PUT);
			SnapshotResult first = calls.get(0).get(30, TimeUnit.SECONDS);
			for (Future<SnapshotResult> call : calls) {
				assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo(first);
			}
			SnapshotResult second = later.get(30, TimeUnit.SECONDS);
			assertThat(second.txid().isAfter(first.txid())).isTrue();
			assertThat(this.storage.calls(Operation.PUT)).isEqualTo(before + 2);
			assertThat(Ledger.verify(restoredAlone(first.txid()))).isEqualTo(10);
			assertThat(Ledger.verify(restoredAlone(second.txid()))).isEqualTo(11);
		}
	}

	@Test
	void oneThatIsThereIsAnswered() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Replicator replicator = database.replicator();
			SnapshotResult base = replicator.snapshot(TestDatabase.TIMEOUT);
			assertThat(base.existed()).as("the history began with it").isTrue();
			commit(new Ledger(connection, 2), 5);
			SnapshotResult taken = replicator.snapshot(TestDatabase.TIMEOUT);
			assertThat(taken.existed()).isFalse();
			StoredFile stored = snapshots().get(1);
			assertThat(stored.key().name()).isEqualTo(new LtxFileName(Txid.FIRST, taken.txid()));
			assertThat(taken.size()).isEqualTo(stored.size());
			assertThat(taken.time().toEpochMilli()).isEqualTo(this.storage.timestamp(stored).toEpochMilli());
			int calls = this.storage.calls(Operation.PUT);
			SnapshotResult again = replicator.snapshot(TestDatabase.TIMEOUT);
			assertThat(again.existed()).isTrue();
			assertThat(again.txid()).isEqualTo(taken.txid());
			assertThat(again.time().toEpochMilli()).isEqualTo(taken.time().toEpochMilli());
			assertThat(this.storage.calls(Operation.PUT)).isEqualTo(calls);
		}
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			assertThat(database.replicator().snapshot(TestDatabase.TIMEOUT).existed()).as("after a restart").isTrue();
		}
		assertThat(snapshots()).hasSize(2);
	}

	@Test
	void anOutageIsToldAndTheWalDoesNotGrowMeanwhile() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 3);
			commit(ledger, 10);
			Replicator replicator = database.replicator();
			replicator.sync(TestDatabase.TIMEOUT);
			this.storage.failEverything();
			commit(ledger, 1);
			assertThatExceptionOfType(StorageUnavailableException.class)
				.isThrownBy(() -> replicator.snapshot(Duration.ofMillis(500)))
				.withMessageContaining("fails on demand");
			Future<SnapshotResult> waiting = this.threads.submit(() -> replicator.snapshot(TestDatabase.TIMEOUT));
			commit(ledger, 500);
			Awaitility.await("checkpoints go on").atMost(TestDatabase.TIMEOUT).until(() -> {
				ledger.commit();
				return replicator.status().walBytes() < 1_000_000;
			});
			assertThat(waiting.isDone()).isFalse();
			this.storage.heal();
			SnapshotResult result = waiting.get(30, TimeUnit.SECONDS);
			assertThat(Ledger.verify(restoredAlone(result.txid()))).isGreaterThanOrEqualTo(11);
		}
		assertThat(snapshots()).hasSize(2);
	}

	@Test
	void aFailureIsToldAndLeavesNothing() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 4);
			commit(ledger, 10);
			Replicator replicator = database.replicator();
			replicator.sync(TestDatabase.TIMEOUT);
			this.storage.failNext(Operation.PUT, 1);
			assertThatExceptionOfType(StorageUnavailableException.class)
				.isThrownBy(() -> replicator.snapshot(TestDatabase.TIMEOUT))
				.withMessageContaining("PUT fails on demand");
			assertThat(replicator.status().errors().count(ErrorStage.SNAPSHOT)).isOne();
			assertThat(replicator.status().state()).as("nothing has to make it good").isEqualTo(State.RUNNING);
			assertThat(snapshots()).hasSize(1);
			assertThat(replicator.snapshot(TestDatabase.TIMEOUT).existed()).isFalse();
			assertThat(snapshots()).hasSize(2);
		}
	}

	@Test
	void whoWaitsIsToldOfAStopAndTheNextStartGoesOn() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 5);
			Replicator replicator = database.replicator();
			for (int i = 0; i < 5; i++) {
				commit(ledger, 5);
				replicator.sync(TestDatabase.TIMEOUT);
				int before = this.storage.calls(Operation.PUT);
				this.storage.hang(Operation.PUT);
				Future<SnapshotResult> waiting = this.threads.submit(() -> replicator.snapshot(TestDatabase.TIMEOUT));
				if (i % 2 == 0) {
					Awaitility.await().until(() -> this.storage.calls(Operation.PUT) > before);
				}
				assertThat(replicator.stop(TestDatabase.TIMEOUT)).isTrue();
				assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
					.withCauseInstanceOf(RuntimeException.class);
				this.storage.release(Operation.PUT);
				replicator.start();
			}
			assertThat(replicator.snapshot(TestDatabase.TIMEOUT).existed()).isFalse();
			assertThat(snapshots()).hasSize(2);
			assertThat(Ledger.verify(restored(null))).isEqualTo(25);
			replicator.stop(TestDatabase.TIMEOUT);
			assertThatExceptionOfType(IllegalStateException.class)
				.isThrownBy(() -> replicator.snapshot(TestDatabase.TIMEOUT));
		}
	}

	@Test
	void f30AWriterThatIsShutOutStoresNone() throws Exception {
		DatabaseSession session = TestDatabase.open(this.settings, this.storage).session();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database())) {
			Ledger ledger = new Ledger(connection, 6);
			commit(ledger, 3);
			Txid end = session.replicator().sync(TestDatabase.TIMEOUT);
			// Another writer has the next TXID: ours must not have a snapshot
			this.storage.putIfAbsent(new LtxKey(0, LtxFileName.of(end.next())), Content.of(new byte[] { 1 }),
					Instant.now());
			commit(ledger, 1);
			assertThatExceptionOfType(LitestreamException.class)
				.isThrownBy(() -> session.replicator().snapshot(Duration.ofSeconds(10)))
				.withMessageContaining("another writer");
			assertThatExceptionOfType(ConflictException.class)
				.isThrownBy(() -> session.replicator().snapshot(Duration.ofSeconds(10)))
				.withMessageContaining("another writer");
			assertThat(snapshots()).hasSize(1);
		}
		session.close(Duration.ofMillis(100));
	}

	@Test
	void f53AboveANumberADayThereIsAnAlarmAndNoSnapshot() throws Exception {
		ReplicatorSettings never = this.settings.with(IntervalSnapshotTests.history(Duration.ZERO));
		try (TestDatabase database = TestDatabase.open(never, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 7);
			for (int i = 0; i < 24; i++) {
				commit(ledger, 1);
				assertThat(database.replicator().snapshot(TestDatabase.TIMEOUT).existed()).isFalse();
			}
			commit(ledger, 1);
			assertRefused(database.replicator());
		}
		try (TestDatabase database = TestDatabase.open(never, this.storage)) {
			assertRefused(database.replicator());
		}
		assertThat(snapshots()).hasSize(25);
		assertThat(Ledger.verify(restored(null))).isEqualTo(25);
	}

	private void assertRefused(Replicator replicator) {
		int before = this.storage.calls(Operation.PUT);
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(() -> replicator.snapshot(TestDatabase.TIMEOUT))
			.withMessageContaining("there were 24 in the last 24 hours, and at most 24 may be");
		assertThat(this.storage.calls(Operation.PUT)).isEqualTo(before);
		assertThat(replicator.status().errors().count(ErrorStage.SNAPSHOT)).isPositive();
	}

	private Future<?> repeat(Callable<?> work) {
		return this.threads.submit(() -> {
			while (!this.stop.get()) {
				work.call();
			}
			return null;
		});
	}

	/**
	 * What is busy for longer than the busy timeout is tried again. A checkpoint keeps
	 * the write lock while it waits for readers, of which we are one: it rests for as
	 * long as it took, or those who poll for the lock would hardly find it free.
	 */
	private Future<?> repeatSql(Connection connection, String... statements) {
		return this.threads.submit(() -> {
			try (connection; Statement statement = connection.createStatement()) {
				while (!this.stop.get()) {
					for (String sql : statements) {
						long began = System.nanoTime();
						tryTo(statement, sql);
						LockSupport.parkNanos(Math.max(1_000_000, System.nanoTime() - began));
					}
				}
			}
			return null;
		});
	}

	private static void tryTo(Statement statement, String sql) throws SQLException {
		try {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			if (!String.valueOf(ex.getMessage()).contains("locked")) {
				throw ex;
			}
		}
	}

	private static void commit(Ledger ledger, int count) throws SQLException {
		for (int i = 0; i < count; i++) {
			ledger.commit();
		}
	}

	private List<StoredFile> snapshots() {
		return this.storage.list(LtxKey.SNAPSHOT_LEVEL);
	}

	private Path restored(Txid txid) throws Exception {
		Path target = Files.createTempDirectory(this.folder, "restored").resolve("app.db");
		RestoreRequest request = RestoreRequest.latest(target);
		new Restorer(this.storage).restore((txid != null) ? request.to(txid) : request);
		return target;
	}

}
