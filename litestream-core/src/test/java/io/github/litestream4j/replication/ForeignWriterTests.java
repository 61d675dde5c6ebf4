package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.history.HistoryKeeper;
import io.github.litestream4j.history.HistorySettings;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A writer that has nothing to store learns that another one goes on before it deletes
 * what is not its own any more.
 */
class ForeignWriterTests {

	private static final HistorySettings SHORT = new HistorySettings(List.of(), Duration.ofMillis(100), Duration.ZERO,
			Duration.ofMillis(100), true, false, Duration.ZERO);

	@TempDir
	Path folder;

	private FaultyStorage storage;

	private Progress progress;

	@BeforeEach
	void prepare() {
		this.storage = new FaultyStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		for (long txid = 2; txid <= 5; txid++) {
			store(0, txid, txid);
		}
		store(1, 2, 4);
		store(LtxKey.SNAPSHOT_LEVEL, 1, 1);
		this.progress = Progress.of(ReplicaHistory.of(this.storage), ReplicationObserver.NONE);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, LtxKey.SNAPSHOT_LEVEL })
	void f30WhoHasNothingToStoreStopsBeforeItDeletes(int level) throws Exception {
		store(level, (level == 0) ? 6 : 1, 6);
		HistoryKeeper keeper = keeper();
		Thread thread = new Thread(keeper);
		thread.start();
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(this.progress::isFenced);
		// What is due later is not done either
		keeper.wake();
		keeper.stop();
		thread.join(20_000);
		assertThat(thread.isAlive()).isFalse();
		assertThat(this.progress.failure()).contains("another writer").contains(new Txid(6).toString());
		assertThat(this.storage.calls(Operation.DELETE)).isZero();
	}

	@Test
	void whoIsAloneGoesOn() throws Exception {
		HistoryKeeper keeper = keeper();
		Thread thread = new Thread(keeper);
		thread.start();
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> this.storage.list(0).size() == 1);
		keeper.stop();
		thread.join(20_000);
		assertThat(this.progress.isFenced()).isFalse();
	}

	@Test
	void whatIsUnderWayIsNoStranger() {
		ForeignWriter foreign = new ForeignWriter("app", "file:/replica", this.progress);
		this.progress.captured(new Txid(6));
		store(0, 6, 6);
		foreign.requireNone(this.storage.list(0));
		store(0, 7, 7);
		this.progress.index().add(new LtxKey(0, LtxFileName.of(new Txid(7))), 1);
		foreign.requireNone(this.storage.list(0));
		assertThat(this.progress.isFenced()).isFalse();
		store(0, 8, 8);
		assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> foreign.requireNone(this.storage.list(0)));
		assertThat(this.progress.isFenced()).isTrue();
	}

	private HistoryKeeper keeper() throws Exception {
		ReplicatorSettings settings = ReplicatorSettings.of("app", this.folder.resolve("app.db")).with(SHORT);
		// What is in them is nothing
		this.storage.list(1).forEach(this.progress.index()::proven);
		return KeptHistory.keeper(settings, this.storage, new Staging(this.folder.resolve("staging")), this.progress,
				Optional::empty);
	}

	/** Long ago. */
	private void store(int level, long min, long max) {
		this.storage.putIfAbsent(new LtxKey(level, new LtxFileName(new Txid(min), new Txid(max))),
				Content.of(new byte[500]), Instant.ofEpochSecond(1_700_000_000 + max));
	}

}
