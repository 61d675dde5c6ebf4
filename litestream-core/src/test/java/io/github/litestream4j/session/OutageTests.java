package io.github.litestream4j.session;

import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.replication.ReplicationStatus;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A storage that fails delays what is stored, and nothing else.
 */
class OutageTests extends AbstractFileReplicaTests {

	@Test
	void storesEverythingInOrderAfterwards() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 1);
			commit(ledger, 20);
			database.replicator().sync(TestDatabase.TIMEOUT);
			this.storage.failEverything();
			commit(ledger, 500);
			Awaitility.await().until(() -> database.replicator().status().state() == State.FAILING);
			ReplicationStatus status = database.replicator().status();
			assertThat(status.lag()).isPositive();
			assertThat(status.lagTransactions()).isPositive();
			assertThat(status.failure()).isNotBlank();
			Awaitility.await("checkpoints go on").until(() -> {
				ledger.commit();
				return database.replicator().status().walBytes() < 1_000_000;
			});
			this.storage.heal();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(restoredLast()).isEqualTo(ledger.last());
			assertThat(database.replicator().status().state()).isEqualTo(State.RUNNING);
			assertThat(database.replicator().status().stagingBytes()).isZero();
		}
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	@Test
	void keepsWhatIsNotStoredOverARestart() throws Exception {
		DatabaseSession first = TestDatabase.open(this.settings, this.storage).session();
		try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + this.settings.database())) {
			first.replicator().sync(TestDatabase.TIMEOUT);
			this.storage.failAlways(Operation.PUT_IF_ABSENT);
			commit(new Ledger(connection, 2), 300);
		}
		assertThat(first.close(Duration.ofMillis(300))).isFalse();
		this.storage.heal();
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			commit(new Ledger(connection, 3), 10);
		}
		assertThat(restoredLast()).isEqualTo(310);
		assertThat(this.storage.list(LtxKey.SNAPSHOT_LEVEL)).hasSize(1);
	}

	@Test
	void goesOnWhenAnAnswerWasLost() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, 4);
			for (int i = 0; i < 10; i++) {
				this.storage.loseAnswers(Operation.PUT_IF_ABSENT, 1);
				ledger.commit();
				database.replicator().sync(TestDatabase.TIMEOUT);
			}
			assertThat(restoredLast()).isEqualTo(10);
		}
	}

	@Test
	void survivesRandomFaults() throws Exception {
		long seed = System.nanoTime();
		System.out.println("seed " + seed);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Ledger ledger = new Ledger(connection, seed);
			this.storage.failRandomly(0.3, seed);
			commit(ledger, 300);
			this.storage.heal();
			database.replicator().sync(TestDatabase.TIMEOUT);
			assertThat(restoredLast()).isEqualTo(300);
		}
	}

	@Test
	void saysWhatWasNotStoredInTime() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			database.replicator().sync(TestDatabase.TIMEOUT);
			this.storage.hang(Operation.PUT_IF_ABSENT);
			new Ledger(connection, 5).commit();
			assertThatExceptionOfType(StorageUnavailableException.class)
				.isThrownBy(() -> database.replicator().sync(Duration.ofMillis(200)))
				.withMessageContaining("stored up to 0000000000000001");
			this.storage.heal();
		}
		assertThat(restoredLast()).isEqualTo(1);
	}

	@Test
	void refusesToStartWhenTheReplicaCannotBeListed() {
		this.storage.failAlways(Operation.LIST);
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> TestDatabase.open(this.settings, this.storage));
		assertThat(this.folder).isEmptyDirectory();
	}

	private static void commit(Ledger ledger, int count) throws Exception {
		for (int i = 0; i < count; i++) {
			ledger.commit();
		}
	}

}
