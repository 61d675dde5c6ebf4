package io.github.litestream4j.session;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.jdbc.ConnectionSettings;
import io.github.litestream4j.jdbc.LitestreamDataSource;
import io.github.litestream4j.jdbc.SqliteUrl;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Everything that any thread may call, called by many at once.
 */
class ConcurrencyTests {

	private static final Duration SHORT = Duration.ofMillis(500);

	@TempDir
	Path folder;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final AtomicBoolean stop = new AtomicBoolean();

	private FileReplicaStorage storage;

	private ReplicatorSettings settings;

	private Replicator replicator;

	@BeforeEach
	void prepare() {
		this.storage = new FileReplicaStorage(this.folder.resolve("replica"));
		this.settings = TestDatabase.settings(this.folder.resolve("app.db"));
		this.replicator = Replicator.open(this.settings, this.storage);
	}

	@AfterEach
	void end() {
		this.stop.set(true);
		this.threads.shutdownNow();
		this.replicator.close();
	}

	@Test
	void f34NothingIsLostWhoeverCallsWhat() throws Exception {
		LitestreamDataSource dataSource = new LitestreamDataSource(SqliteUrl.of(this.settings.database()),
				new ConnectionSettings(this.settings.busyTimeout(), 1000), this.replicator::commitBegins);
		List<Future<?>> all = new ArrayList<>();
		AtomicInteger syncs = new AtomicInteger();
		long last;
		try (Connection connection = dataSource.getConnection()) {
			Ledger ledger = new Ledger(connection, 34);
			this.replicator.start();
			// A stop may cut the first snapshot off, which a second one would follow
			this.replicator.sync(TestDatabase.TIMEOUT);
			all.add(repeat(ledger::commit));
			for (int i = 0; i < 2; i++) {
				all.add(repeat(this::checkStatus));
				all.add(repeat(() -> sync(syncs)));
				all.add(repeat(() -> this.replicator.stop(SHORT)));
				all.add(repeat(() -> {
					this.replicator.start();
					return null;
				}));
			}
			all.add(repeat(() -> {
				// What is rolled back is announced too
				this.replicator.commitBegins();
				return null;
			}));
			Awaitility.await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
			this.stop.set(true);
			for (Future<?> one : all) {
				one.get(30, TimeUnit.SECONDS);
			}
			last = ledger.last();
		}
		assertThat(syncs).as("some came through").hasPositiveValue();
		assertThat(this.replicator.close(TestDatabase.TIMEOUT)).isTrue();
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(this.storage, restored);
		assertThat(Ledger.verify(restored)).isEqualTo(last);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).as("one history").hasSize(1);
	}

	@Test
	void f34StartAndStopAreCalledByManyAtOnce() throws Exception {
		List<Future<?>> all = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			all.add(repeat(() -> this.replicator.stop(SHORT)));
			all.add(repeat(() -> {
				this.replicator.start();
				return null;
			}));
		}
		Awaitility.await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
		this.stop.set(true);
		for (Future<?> one : all) {
			one.get(30, TimeUnit.SECONDS);
		}
		assertThat(this.replicator.close(TestDatabase.TIMEOUT)).isTrue();
	}

	@RepeatedTest(10)
	void f34StopAndCloseAreCalledByManyAtOnce() throws Exception {
		this.replicator.start();
		CyclicBarrier together = new CyclicBarrier(6);
		List<Callable<Boolean>> calls = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			long pause = i * 500_000L;
			calls.add(() -> {
				together.await();
				LockSupport.parkNanos(pause);
				return this.replicator.stop(TestDatabase.TIMEOUT);
			});
			calls.add(() -> {
				together.await();
				LockSupport.parkNanos(pause / 2);
				return this.replicator.close(TestDatabase.TIMEOUT);
			});
		}
		for (Future<Boolean> call : this.threads.invokeAll(calls)) {
			assertThat(call.get()).isTrue();
		}
	}

	private Object checkStatus() {
		Txid before = this.replicator.status().replicatedTxid();
		ReplicationStatus status = this.replicator.status();
		assertThat(status.replicatedTxid().isBefore(before)).isFalse();
		assertThat(status.lag()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
		assertThat(status.state()).isIn(ReplicationStatus.State.RUNNING, ReplicationStatus.State.STOPPED);
		return status;
	}

	private Object sync(AtomicInteger syncs) {
		try {
			Txid txid = this.replicator.sync(SHORT);
			assertThat(this.replicator.status().replicatedTxid().isBefore(txid)).isFalse();
			return syncs.incrementAndGet();
		}
		catch (IllegalStateException | ReplicationStoppedException | StorageUnavailableException ex) {
			// It is stopped just now
			return ex;
		}
	}

	private Future<?> repeat(Callable<?> work) {
		return this.threads.submit(() -> {
			while (!this.stop.get()) {
				work.call();
				LockSupport.parkNanos(100_000);
			}
			return null;
		});
	}

}
