package io.github.litestream4j.session;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.ReplicationStoppedException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.FileAttributes;
import io.github.litestream4j.storage.ForwardingStorage;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Who stops or closes ends the threads for all others that do so at the same time, and
 * must not take from them what they wait for.
 */
class ManyStopsTests {

	/** No time that anything takes: a call that does not wait for it ends sooner. */
	private static final Duration LONG = Duration.ofMinutes(1);

	/** For what must come, and for the threads that a stop leaves behind. */
	private static final Duration SOON = Duration.ofSeconds(30);

	@TempDir
	Path folder;

	private GatedStorage storage;

	private ReplicatorSettings settings;

	private TestDatabase database;

	private Connection connection;

	private Ledger ledger;

	@BeforeEach
	void prepare() throws Exception {
		this.storage = new GatedStorage(this.folder.resolve("replica"));
		// So that only a request has something captured
		this.settings = TestDatabase.settings(this.folder.resolve("app.db")).withSyncInterval(Duration.ofHours(1));
		this.database = TestDatabase.open(this.settings, this.storage);
		this.connection = this.database.connect();
		this.ledger = new Ledger(this.connection, 1);
		this.ledger.commit();
		replicator().sync(TestDatabase.TIMEOUT);
		this.storage.close();
	}

	@AfterEach
	void end() throws Exception {
		this.storage.open();
		this.connection.close();
		replicator().close();
	}

	@Test
	void f34AnImpatientStopTakesNothingFromAClose() throws Exception {
		this.ledger.commit();
		Call close = call(() -> replicator().close(LONG));
		this.storage.awaitPut();
		assertThat(replicator().stop(Duration.ofMillis(1))).as("not stored yet").isFalse();
		this.storage.open();
		assertThat(close.answer()).isTrue();
		assertRestored(2);
	}

	@Test
	void f34AStopThatHasWhatItWantsWaitsForTheOthers() throws Exception {
		List<Call> stops = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			Txid before = replicator().status().txid();
			this.ledger.commit();
			stops.add(call(() -> replicator().stop(LONG)));
			// Each has a file of its own
			Awaitility.await().atMost(SOON).until(() -> replicator().status().txid().isAfter(before));
		}
		this.storage.awaitPut();
		this.storage.letThrough();
		// The second file is under way then, and would be stored; the third one is not
		stops.get(0).awaitPastItsSync();
		this.storage.open();
		for (Call stop : stops) {
			assertThat(stop.answer()).isTrue();
		}
		assertThat(replicator().status().state()).isEqualTo(State.STOPPED);
		assertRestored(4);
	}

	@Test
	void f64WhatIsStoredWhileTheThreadsEndIsStored() throws Exception {
		this.ledger.commit();
		Call stop = call(() -> replicator().stop(LONG));
		this.storage.awaitPut();
		stop.interrupt();
		stop.awaitPastItsSync();
		this.storage.open();
		assertThat(stop.answer()).isTrue();
		assertRestored(2);
	}

	@Test
	void f61NobodyWaitsForThreadsThatAreNotThere() throws Exception {
		this.ledger.commit();
		Call stop = call(() -> replicator().stop(LONG));
		this.storage.awaitPut();
		Call sync = call(() -> {
			assertThatExceptionOfType(ReplicationStoppedException.class).isThrownBy(() -> replicator().sync(LONG))
				.withMessageContaining("replication was stopped");
			return true;
		});
		sync.awaitInSync();
		assertThat(replicator().close(Duration.ofMillis(1))).isFalse();
		assertThat(stop.answer()).isFalse();
		assertThat(sync.answer()).isTrue();
	}

	@Test
	void whoHasNeverBeenStartedHasStoredNothing() {
		ReplicatorSettings other = TestDatabase.settings(this.folder.resolve("other.db"));
		FileReplicaStorage replica = new FileReplicaStorage(this.folder.resolve("other"));
		try (Replicator replicator = Replicator.open(other, replica)) {
			assertThat(replicator.stop(TestDatabase.TIMEOUT)).isFalse();
			assertThat(replica.list(LtxKey.SNAPSHOT_LEVEL)).isEmpty();
			assertThat(replicator.close(TestDatabase.TIMEOUT)).isTrue();
			assertThat(replicator.stop(TestDatabase.TIMEOUT)).isTrue();
		}
	}

	private Replicator replicator() {
		return this.database.replicator();
	}

	private void assertRestored(long last) throws Exception {
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(this.storage, restored);
		assertThat(Ledger.verify(restored)).isEqualTo(last);
	}

	private static Call call(Callable<Boolean> work) {
		Call call = new Call(new FutureTask<>(work));
		call.start();
		return call;
	}

	/**
	 * A call on a thread of its own.
	 */
	private static final class Call extends Thread {

		private final FutureTask<Boolean> result;

		Call(FutureTask<Boolean> result) {
			super(result);
			setDaemon(true);
			this.result = result;
		}

		boolean answer() throws Exception {
			return this.result.get(SOON.toSeconds(), TimeUnit.SECONDS);
		}

		void awaitInSync() {
			Awaitility.await().atMost(SOON).until(() -> waits() && isIn("SyncWait"));
		}

		/**
		 * Until it waits for the threads, or for others that wait for their sync, or
		 * ends.
		 */
		void awaitPastItsSync() {
			Awaitility.await().atMost(SOON).until(() -> this.result.isDone() || (waits() && !isIn("SyncWait")));
		}

		private boolean waits() {
			return getState() == State.TIMED_WAITING;
		}

		private boolean isIn(String name) {
			return Arrays.stream(getStackTrace()).anyMatch((frame) -> frame.getClassName().endsWith("." + name));
		}

	}

	/**
	 * Lets files of level 0 through when it is told to.
	 */
	private static final class GatedStorage extends ForwardingStorage {

		private static final int OPEN = 1_000_000;

		private final Semaphore gate = new Semaphore(OPEN);

		GatedStorage(Path folder) {
			super(new FileReplicaStorage(folder));
		}

		void close() {
			this.gate.drainPermits();
		}

		void open() {
			this.gate.release(OPEN);
		}

		void letThrough() {
			this.gate.release();
		}

		void awaitPut() {
			Awaitility.await().atMost(SOON).until(this.gate::hasQueuedThreads);
		}

		@Override
		public boolean putIfAbsent(LtxKey key, Content content, FileAttributes attributes) {
			this.gate.acquireUninterruptibly();
			return super.putIfAbsent(key, content, attributes);
		}

	}

}
