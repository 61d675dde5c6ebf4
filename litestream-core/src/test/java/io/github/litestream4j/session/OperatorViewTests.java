package io.github.litestream4j.session;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.history.DrillResult;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.replication.CheckpointSettings;
import io.github.litestream4j.replication.ErrorStage;
import io.github.litestream4j.replication.GenerationSpan;
import io.github.litestream4j.replication.ReplicationObserver;
import io.github.litestream4j.replication.ReplicationStatus.State;
import io.github.litestream4j.replication.Replicator;
import io.github.litestream4j.replication.ReplicatorSettings;
import io.github.litestream4j.storage.ObservedStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import io.github.litestream4j.testsupport.Ledger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an operator is told, when it matters.
 */
class OperatorViewTests extends AbstractFileReplicaTests {

	@Test
	void anObserverThatThrowsStopsNothing() throws Exception {
		ObservedStorage observed = new ObservedStorage(this.storage, (operation, success, sent, received) -> {
			throw new IllegalStateException("of requests");
		});
		DatabaseSession session = DatabaseSession.open(this.settings, RestoreSettings.DEFAULT, observed,
				new ThrowingObserver());
		try (Connection connection = TestDatabase.connect(session, this.settings)) {
			Replicator replicator = session.replicator();
			replicator.start();
			Ledger ledger = new Ledger(connection, 1);
			ledger.commit();
			replicator.sync(Duration.ofSeconds(10));
			this.storage.failNext(Operation.PUT_IF_ABSENT, 1);
			ledger.commit();
			replicator.sync(Duration.ofSeconds(10));
			replicator.snapshot(Duration.ofSeconds(10));
			assertThat(replicator.verify(Duration.ofSeconds(10)).passed()).isTrue();
			assertThat(replicator.status().state()).isEqualTo(State.RUNNING);
			assertThat(replicator.status().errors().count(ErrorStage.UPLOAD)).isOne();
			assertThat(replicator.status().errors().count(ErrorStage.CAPTURE)).isZero();
		}
		assertThat(session.close(TestDatabase.TIMEOUT)).isTrue();
		assertThat(restoredLast()).isEqualTo(2);
	}

	@Test
	void whatWaitsForItsSnapshotLagsThoughNothingIsStaged() throws Exception {
		this.storage.hang(Operation.PUT);
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage)) {
			Replicator replicator = database.replicator();
			Awaitility.await().until(() -> this.storage.calls(Operation.PUT) > 0);
			assertThat(replicator.status().lagTransactions()).isPositive();
			Awaitility.await()
				.atMost(Duration.ofSeconds(5))
				.until(() -> replicator.status().lag().compareTo(Duration.ofMillis(500)) > 0);
			this.storage.release(Operation.PUT);
			Awaitility.await()
				.atMost(TestDatabase.TIMEOUT)
				.untilAsserted(() -> assertThat(replicator.status().lag()).isZero());
			assertThat(replicator.status().lagTransactions()).isZero();
		}
	}

	@Test
	void aCommitOfAnotherProcessLagsWhileItWaitsForTheNextUpload() throws Exception {
		ReplicatorSettings settings = this.settings.withSyncInterval(Duration.ofHours(1))
			.with(CheckpointSettings.DEFAULT);
		try (TestDatabase database = TestDatabase.open(settings, this.storage);
				Connection connection = database.connect();
				Connection other = DriverManager.getConnection("jdbc:sqlite:" + settings.database())) {
			Replicator replicator = database.replicator();
			Ledger ledger = new Ledger(connection, 1);
			ledger.commit();
			replicator.sync(TestDatabase.TIMEOUT);
			// Else what is committed is captured for the reading of all pages
			TestDatabase.awaitReading();
			assertThat(replicator.status().lag()).isZero();
			try (Statement statement = other.createStatement()) {
				statement.execute("CREATE TABLE of_another (a)");
			}
			Awaitility.await()
				.atMost(Duration.ofSeconds(5))
				.until(() -> replicator.status().lag().compareTo(Duration.ofSeconds(1)) > 0);
			replicator.sync(TestDatabase.TIMEOUT);
			assertThat(replicator.status().lag()).isZero();
		}
	}

	@Test
	void whoWaitsForADrillIsToldOfAStop() throws Exception {
		TestDatabase database = TestDatabase.open(this.settings, this.storage);
		Replicator replicator = database.replicator();
		replicator.sync(TestDatabase.TIMEOUT);
		this.storage.hang(Operation.READ);
		int reads = this.storage.calls(Operation.READ);
		CompletableFuture<DrillResult> first = verifying(replicator);
		Awaitility.await().until(() -> this.storage.calls(Operation.READ) > reads);
		CompletableFuture<DrillResult> second = verifying(replicator);
		Awaitility.await().pollDelay(Duration.ofMillis(200)).until(() -> true);
		replicator.stop(Duration.ofSeconds(1));
		for (CompletableFuture<DrillResult> one : List.of(first, second)) {
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> one.get(2, TimeUnit.SECONDS))
				.withCauseInstanceOf(LitestreamException.class);
		}
		this.storage.heal();
		this.storage.release(Operation.READ);
		replicator.start();
		assertThat(replicator.verify(TestDatabase.TIMEOUT).passed()).isTrue();
		database.close();
	}

	private static CompletableFuture<DrillResult> verifying(Replicator replicator) {
		return CompletableFuture.supplyAsync(() -> replicator.verify(Duration.ofSeconds(60)),
				(task) -> new Thread(task, "verifying").start());
	}

	@Test
	void aListingTellsWhatIsThereNow() throws Exception {
		try (TestDatabase database = TestDatabase.open(this.settings, this.storage);
				Connection connection = database.connect()) {
			Replicator replicator = database.replicator();
			new Ledger(connection, 1).commit();
			Txid stored = replicator.sync(TestDatabase.TIMEOUT);
			assertThat(replicator.listContents().generations()).isEqualTo(replicator.contents().generations());
			this.storage.delete(this.storage.list(0).stream().map(StoredFile::key).toList());
			assertThat(replicator.contents().generations()).extracting(GenerationSpan::lastTxid)
				.containsExactly(stored);
			assertThat(replicator.listContents().generations()).extracting(GenerationSpan::lastTxid)
				.containsExactly(replicator.listContents().snapshots().get(0).key().name().max());
		}
	}

	@Test
	void theGenerationOfAnotherWriterEndsWhereItsFilesDo() throws Exception {
		Machine former = new Machine(this.folder, replica(), "former").begun(3);
		Machine successor = former.copy("successor", false).begun(4);
		former.commit(1);
		former.awaitFenced();
		Txid newest = successor.session().replicator().status().replicatedTxid();
		List<GenerationSpan> seen = former.session().replicator().listContents().generations();
		assertThat(seen).extracting(GenerationSpan::current).containsExactly(false, false);
		assertThat(seen).extracting(GenerationSpan::lastTxid).last().isEqualTo(newest);
		assertThat(seen.get(0).lastTxid().isBefore(seen.get(1).generation().firstTxid())).isTrue();
		former.close();
		successor.close();
	}

	private static final class ThrowingObserver implements ReplicationObserver {

		@Override
		public void done(Activity activity, Duration took) {
			throw new IllegalStateException("of " + activity);
		}

		@Override
		public void captured(long bytes) {
			throw new IllegalStateException("of what is captured");
		}

		@Override
		public void generationBegan(String reason) {
			throw new IllegalStateException("of " + reason);
		}

		@Override
		public void failed(ErrorStage stage) {
			throw new IllegalStateException("of " + stage);
		}

	}

}
