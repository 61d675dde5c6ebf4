package io.github.litestream4j.session;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A storage that never answers delays the end of the application by what was allowed, and
 * by nothing more.
 */
class HangingCloseTests {

	private static final Duration ALLOWED = Duration.ofMillis(300);

	/** For the threads to end, all together. */
	private static final Duration GRACE = Duration.ofSeconds(5);

	@TempDir
	Path folder;

	private FaultyStorage storage;

	private ReplicatorSettings settings;

	private DatabaseSession session;

	@BeforeEach
	void prepare() throws Exception {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.settings = TestDatabase.settings(this.folder.resolve("app.db"));
		this.session = TestDatabase.open(this.settings, this.storage).session();
		this.session.replicator().sync(TestDatabase.TIMEOUT);
		this.storage.hang(Operation.PUT_IF_ABSENT);
		this.storage.hang(Operation.PUT);
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database())) {
			Ledger ledger = new Ledger(connection, 1);
			for (int i = 0; i < 20; i++) {
				ledger.commit();
			}
		}
	}

	@AfterEach
	void release() {
		this.storage.heal();
	}

	@Test
	void f64ClosesInTimeAndSaysWhatIsLeft() throws Exception {
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> this.session.replicator().sync(ALLOWED))
			.withMessageContaining("stored up to 0000000000000001")
			.withMessageContaining("bytes are staged");
		long start = System.nanoTime();
		assertThat(this.session.close(ALLOWED)).isFalse();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(ALLOWED.plus(GRACE).plusSeconds(2));
		ReplicationStatus status = this.session.replicator().status();
		assertThat(status.state()).isEqualTo(State.STOPPED);
		assertThat(status.lagTransactions()).isPositive();
		assertThat(status.stagingBytes()).isPositive();
		// Every later call answers the same, at once
		for (int i = 0; i < 3; i++) {
			long again = System.nanoTime();
			assertThat(this.session.close(ALLOWED)).isFalse();
			assertThat(this.session.replicator().stop(ALLOWED)).isFalse();
			assertThat(Duration.ofNanos(System.nanoTime() - again)).isLessThan(Duration.ofSeconds(1));
		}
		this.storage.heal();
		try (TestDatabase next = TestDatabase.open(this.settings, this.storage)) {
			next.replicator().sync(TestDatabase.TIMEOUT);
		}
		Path restored = this.folder.resolve("restored");
		TestDatabase.restore(this.storage, restored);
		assertThat(Ledger.verify(restored)).isEqualTo(20);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	@Test
	void f61CloseByTwoAtOnceAndTheStatusMeanwhile() throws Exception {
		CompletableFuture<Boolean> first = CompletableFuture
			.supplyAsync(() -> this.session.replicator().close(ALLOWED));
		CompletableFuture<Boolean> second = CompletableFuture
			.supplyAsync(() -> this.session.replicator().close(ALLOWED));
		long begin = System.nanoTime();
		while (!first.isDone() || !second.isDone()) {
			long start = System.nanoTime();
			if (start - begin > 3 * ALLOWED.toNanos()) {
				// The threads may end, and what they would store by then must not count
				this.storage.failAlways(Operation.PUT_IF_ABSENT);
				this.storage.release(Operation.PUT_IF_ABSENT);
			}
			assertThat(this.session.replicator().status().lagTransactions()).isNotNegative();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).as("the status waits for nobody")
				.isLessThan(Duration.ofSeconds(1));
			LockSupport.parkNanos(10_000_000);
		}
		assertThat(first.get()).isFalse();
		assertThat(second.get()).isFalse();
		assertThat(this.session.close(ALLOWED)).isFalse();
	}

}
