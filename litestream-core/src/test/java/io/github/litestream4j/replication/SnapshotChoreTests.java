package io.github.litestream4j.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * When the next snapshot is due.
 */
class SnapshotChoreTests {

	private static final Duration INTERVAL = Duration.ofHours(24);

	@TempDir
	Path folder;

	private final SetClock clock = new SetClock();

	private final Progress progress = new Progress(new Txid(5));

	private StormGuard guard;

	@BeforeEach
	void prepare() {
		inReplica(3, this.clock.instant().minus(Duration.ofHours(30)));
		inReplica(5, this.clock.instant().minus(Duration.ofHours(10)));
	}

	@Test
	void f53IsCountedFromTheNewestSnapshotWhenNothingElseIsKnown() {
		this.progress.captured(new Txid(6));
		Instant due = this.clock.instant().plus(Duration.ofHours(14));
		assertThat(chore(INTERVAL).due()).isEqualTo(due);
		this.clock.pass(Duration.ofHours(5));
		assertThat(chore(INTERVAL).due()).as("after a restart").isEqualTo(due);
		inReplica(6, this.clock.instant());
		this.progress.captured(new Txid(7));
		assertThat(chore(INTERVAL).due()).isEqualTo(this.clock.instant().plus(INTERVAL));
	}

	@Test
	void f53NoneIsDueWhileNothingIsCaptured() {
		SnapshotChore chore = chore(INTERVAL);
		this.clock.pass(Duration.ofDays(10));
		assertThat(chore.due()).isEqualTo(Instant.MAX);
		this.progress.captured(new Txid(6));
		assertThat(chore.due()).isBefore(this.clock.instant());
	}

	@Test
	void f53NoIntervalMeansNever() {
		this.progress.captured(new Txid(6));
		this.clock.pass(Duration.ofDays(10));
		assertThat(chore(Duration.ZERO).due()).isEqualTo(Instant.MAX);
	}

	@Test
	void aHistorysFirstOneIsNotItsBusiness() {
		this.progress.snapshotNeeded(new Txid(7));
		assertThat(chore(INTERVAL).due()).isEqualTo(Instant.MAX);
	}

	@Test
	void aDamagedDatabaseHasNone() {
		this.progress.captured(new Txid(6));
		this.progress.failed(ErrorStage.DATABASE, "page 3");
		assertThat(chore(INTERVAL).due()).isEqualTo(Instant.MAX);
	}

	@Test
	void aTimeThatIsYetToComeIsNotBelieved() {
		inReplica(6, this.clock.instant().plus(Duration.ofDays(1000)));
		this.progress.captured(new Txid(7));
		SnapshotChore chore = chore(INTERVAL);
		Instant due = this.clock.instant().plus(INTERVAL);
		assertThat(chore.due()).isEqualTo(due);
		this.clock.pass(Duration.ofHours(1));
		assertThat(chore.due()).isEqualTo(due);
	}

	@Test
	void aClockThatIsPutBackPutsNoneOff() {
		this.progress.captured(new Txid(6));
		SnapshotChore chore = chore(INTERVAL);
		assertThat(chore.due()).isEqualTo(this.clock.instant().plus(Duration.ofHours(14)));
		this.clock.pass(Duration.ofDays(-1000));
		assertThat(chore.due()).isEqualTo(this.clock.instant().plus(INTERVAL));
	}

	@Test
	void aClockThatIsPutBackPutsNothingOffThatFailed() {
		this.progress.captured(new Txid(6));
		SnapshotChore chore = chore(INTERVAL);
		for (int i = 0; i < 10; i++) {
			assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(chore::run);
		}
		inReplica(5, this.clock.instant().minus(Duration.ofDays(10)));
		this.clock.pass(Duration.ofDays(-5));
		Instant due = this.clock.instant().plus(Duration.ofHours(1));
		assertThat(chore.due()).isEqualTo(due);
		this.clock.pass(Duration.ofMinutes(10));
		assertThat(chore.due()).isEqualTo(due);
	}

	@Test
	void f53WhatFailsIsTriedLaterAndLater() {
		this.progress.captured(new Txid(6));
		SnapshotChore chore = chore(INTERVAL);
		this.clock.pass(INTERVAL);
		Duration former = Duration.ZERO;
		for (int i = 0; i < 10; i++) {
			assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(chore::run);
			Duration pause = Duration.between(this.clock.instant(), chore.due());
			assertThat(pause).isGreaterThanOrEqualTo(former).isLessThanOrEqualTo(Duration.ofHours(1));
			former = pause;
		}
		assertThat(former).isEqualTo(Duration.ofHours(1));
	}

	@Test
	void f53WhatIsRefusedIsTriedWhenThereIsRoomAgain() {
		this.progress.captured(new Txid(100));
		SnapshotChore chore = chore(INTERVAL);
		Instant first = this.clock.instant();
		for (int i = 6; i < 40; i++) {
			this.guard.stored(new Txid(i));
		}
		assertThatExceptionOfType(LitestreamException.class)
			.isThrownBy(() -> new SnapshotChore(orders(), this.progress, this.guard, (timeout) -> new Txid(100),
					INTERVAL, this.clock)
				.run())
			.withMessageContaining("at most 26 may be");
		assertThat(this.guard.permittedFrom()).isEqualTo(first.plus(Duration.ofHours(24)));
		assertThatExceptionOfType(LitestreamException.class).isThrownBy(chore::run);
		assertThat(chore.due()).isEqualTo(first.plus(Duration.ofHours(24)));
	}

	private void inReplica(long txid, Instant time) {
		LtxKey key = new LtxKey(LtxKey.SNAPSHOT_LEVEL, new LtxFileName(Txid.FIRST, new Txid(txid)));
		this.progress.index().add(new StoredFile(key, 100, time));
	}

	/** Nothing can be stored. */
	private SnapshotChore chore(Duration interval) {
		SnapshotOrders orders = orders();
		return new SnapshotChore(orders, this.progress, this.guard, (timeout) -> {
			throw new StorageUnavailableException("there is no network");
		}, interval, this.clock);
	}

	private SnapshotOrders orders() {
		FileReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("replica"));
		if (this.guard == null) {
			this.guard = new StormGuard("app", INTERVAL, this.progress, new GenerationLog(storage, this.folder),
					this.clock);
		}
		return new SnapshotOrders("app", storage, this.progress, this.guard, () -> {
		});
	}

}
