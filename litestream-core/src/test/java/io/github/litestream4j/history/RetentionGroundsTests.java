package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Nothing goes for a file that is not what its name says, nor by a clock that is wrong
 * for a moment, nor while a drill has found damage.
 */
class RetentionGroundsTests extends AbstractGuardedHistoryTests {

	private static final Duration LEVEL0 = Duration.ofSeconds(10);

	private static final Duration SNAPSHOTS = Duration.ofMinutes(2);

	/** For how long the clock must have gone on, by these settings. */
	private static final Duration STEADY = SNAPSHOTS.dividedBy(10);

	private static final HistorySettings SETTINGS = new HistorySettings(List.of(Duration.ofSeconds(5)), LEVEL0,
			Duration.ofMinutes(1), SNAPSHOTS, true, false, Duration.ZERO);

	/** The last one, or null. */
	private DrillResult drill;

	/** A base, and an older one that goes for it. */
	private LtxKey secondSnapshot() throws IOException {
		this.history.commits(3).snapshot().commits(2);
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		return StoredHistory.key(9, 1, 4);
	}

	@Test
	void aDamagedSnapshotIsNoBase() throws Exception {
		LtxKey base = secondSnapshot();
		byte[] sound = this.history.damage(base);
		ReplicaIndex index = this.history.index();
		Retention retention = retention(index);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining(base.toString());
		assertThat(this.storage.deletions).isEmpty();
		assertThat(this.history.restoreTimeOf(3)).isEqualTo(3);
		assertReadsNothingAndFails(retention);
		Files.write(this.history.path(base), sound);
		RestoreDrill drill = new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, index::staying, index);
		assertThat(drill.run(null).failure()).isNull();
		retention.run();
		assertThat(this.storage.deletions).containsExactly(StoredHistory.key(9, 1, 1), StoredHistory.key(0, 2, 2),
				StoredHistory.key(0, 3, 3), StoredHistory.key(0, 4, 4));
	}

	private void assertReadsNothingAndFails(Retention retention) {
		int before = this.reads.get();
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run);
		assertThat(this.reads).as("it is read once").hasValue(before);
	}

	@Test
	void aDamagedSnapshotGoesWithAllBeforeItForALaterOne() throws Exception {
		LtxKey damaged = secondSnapshot();
		this.history.damage(damaged);
		Retention retention = retention(this.history.index());
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run);
		this.history.commits(1).snapshot().commits(1);
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining(damaged.toString());
		retention.run();
		assertThat(this.history.keys()).containsExactly(StoredHistory.key(0, 8, 8), StoredHistory.key(9, 1, 7));
	}

	@Test
	void aSnapshotWithAnotherChecksumBesideItIsNoBase() throws Exception {
		LtxKey base = secondSnapshot();
		this.storage.putDatabaseChecksum(base, -1);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention(this.history.index())::run)
			.withMessageContaining("ffffffffffffffff is stored beside it");
		assertThat(this.storage.deletions).isEmpty();
	}

	@Test
	void aBaseIsReadOnceAndNotAtAllAfterADrill() throws Exception {
		LtxKey base = secondSnapshot();
		ReplicaIndex index = this.history.index();
		Retention retention = retention(index);
		this.storage.deleting((keys) -> {
			throw new StorageUnavailableException("not now");
		});
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(retention::run);
		assertThat(this.reads).hasValue(1);
		this.storage.deleting(new FileReplicaStorage(this.folder.resolve("replica"))::delete);
		retention.run();
		assertThat(this.reads).hasValue(1);
		assertThat(this.history.keys()).contains(base).doesNotContain(StoredHistory.key(9, 1, 1));
		this.history.commits(1).snapshot();
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, index::staying, index).run(null);
		int before = this.reads.get();
		retention.run();
		assertThat(this.reads).hasValue(before);
		assertThat(this.history.keys()).doesNotContain(base);
	}

	@Test
	void whatCannotBeReadIsNotBegunAnewAtOnce() throws Exception {
		LtxKey base = secondSnapshot();
		Retention retention = retention(this.history.index());
		this.storage.beforeRead(() -> this.storage.delete(List.of(base)));
		assertThatExceptionOfType(MissingFileException.class).isThrownBy(retention::run);
		assertThat(this.storage.deletions).containsExactly(base);
		assertThat(retention.due()).isEqualTo(this.history.clock.instant().plus(LEVEL0));
	}

	@Test
	void forADamagedMergedFileNothingGoesAndForOthersItDoes() throws Exception {
		this.history.commits(6).merge(1, 2, 4).merge(1, 5, 7).commits(1);
		this.history.clock.step(LEVEL0);
		this.history.damage(StoredHistory.key(1, 2, 4));
		ReplicaIndex index = this.history.index();
		Retention retention = retention(index);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining(StoredHistory.key(1, 2, 4).toString());
		assertThat(this.storage.deletions).containsExactly(StoredHistory.key(0, 7, 7), StoredHistory.key(0, 6, 6),
				StoredHistory.key(0, 5, 5));
		assertReadsNothingAndFails(retention);
		for (long txid = 1; txid <= 3; txid++) {
			assertThat(this.history.restoreTimeOf(txid)).isEqualTo(txid);
		}
		this.history.merge(1, 2, 4);
		index.add(this.storage.list(1).get(0));
		index.proven(this.storage.list(1).get(0));
		retention.run();
		assertThat(this.history.keys()).doesNotContain(StoredHistory.key(0, 2, 2));
	}

	@Test
	void whatCompactionHasReadBackIsNotReadAgain() throws Exception {
		this.history.commits(3).merge(1, 2, 4).commits(1);
		this.history.clock.step(LEVEL0);
		ReplicaIndex index = this.history.index();
		index.proven(this.storage.list(1).get(0));
		retention(index).run();
		assertThat(this.reads).hasValue(0);
		assertThat(this.storage.deletions).hasSize(3);
	}

	@Test
	void nothingGoesWhileADrillHasFoundDamageThatKeptStatesMayNeed() throws Exception {
		secondSnapshot();
		Retention retention = retention(this.history.index());
		this.drill = drill(new Txid(5));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining("Nothing is deleted")
			.withMessageContaining(new Txid(5).toString());
		assertThat(this.storage.deletions).isEmpty();
		assertThat(retention.due()).as("until then it costs little")
			.isEqualTo(this.history.clock.instant().plus(LEVEL0));
		this.drill = drill(null);
		retention.run();
		assertThat(this.storage.deletions).isNotEmpty();
	}

	@Test
	void damageBeforeTheBaseHoldsNothingUp() throws Exception {
		secondSnapshot();
		this.drill = drill(new Txid(4));
		retention(this.history.index()).run();
		assertThat(this.storage.deletions).isNotEmpty();
	}

	private static DrillResult drill(Txid harmed) {
		return new DrillResult(Instant.EPOCH, new Txid(6), harmed == null, (harmed != null) ? "a file is gone" : null,
				harmed, Duration.ZERO, 0, 1);
	}

	@Test
	void whatOthersDeletedBeforeTheBaseIsMissedNoMore() throws Exception {
		secondSnapshot();
		ReplicaIndex index = this.history.index();
		new FileReplicaStorage(this.folder.resolve("replica")).delete(List.of(StoredHistory.key(0, 3, 3)));
		RestoreDrill drill = new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, index::staying, index);
		assertThat(drill.run(null).failure()).contains(StoredHistory.key(0, 3, 3).toString());
		retention(index).run();
		assertThat(drill.run(null).failure()).isNull();
	}

	@Test
	void aClockThatIsFarAheadForAMomentDeletesNothing() throws Exception {
		this.history.commits(3).snapshot().commits(2).merge(1, 5, 6).commits(1).snapshot();
		List<LtxKey> before = this.history.keys();
		AtomicLong nanos = new AtomicLong();
		Retention retention = retention(nanos);
		this.history.clock.step(Duration.ofDays(1000));
		retention.run();
		assertThat(this.history.keys()).as("at the start").isEqualTo(before);
		this.history.clock.step(Duration.ofDays(-1000));
		pass(nanos, STEADY);
		retention.run();
		this.history.clock.step(Duration.ofDays(1000));
		Instant now = this.history.clock.instant();
		assertThat(retention.due()).isBetween(now.plus(STEADY), Instant.MAX);
		retention.run();
		this.history.clock.step(Duration.ofDays(-1000));
		assertThat(this.history.keys()).as("later on").isEqualTo(before);
		for (long txid = 1; txid <= this.history.txid(); txid++) {
			assertThat(this.history.restoreTimeOf(txid)).isEqualTo(txid);
		}
	}

	@Test
	void aClockThatJumpsDuringAPassMakesNothingOld() throws Exception {
		this.history.commits(3).snapshot().commits(2);
		AtomicLong nanos = new AtomicLong();
		Retention retention = new Retention("app", this.storage, this.history.index(), SETTINGS, Optional::empty,
				(listed) -> this.history.clock.step(Duration.ofDays(1000)), this.history.clock, nanos::get);
		pass(nanos, STEADY);
		retention.run();
		assertThat(this.storage.deletions).isEmpty();
	}

	@Test
	void whatIsLargeIsReadInATurnForWhatTakesLong() throws Exception {
		LtxKey base = secondSnapshot();
		GuardedStorage large = new GuardedStorage(this.storage) {

			@Override
			public List<StoredFile> list(int level) {
				return super.list(level).stream()
					.map((file) -> file.key().equals(base) ? new StoredFile(base, 100_000_000_000L, file.lastModified())
							: file)
					.toList();
			}

		};
		AtomicLong nanos = new AtomicLong();
		Retention retention = new Retention("app", large, this.history.index(), SETTINGS, Optional::empty, (listed) -> {
		}, this.history.clock, nanos::get);
		pass(nanos, STEADY);
		assertThat(retention.isLong()).isFalse();
		retention.run();
		assertThat(this.reads).hasValue(0);
		assertThat(retention.isLong()).isTrue();
		assertThat(retention.due()).isBeforeOrEqualTo(this.history.clock.instant());
		this.storage.beforeRead(() -> {
			throw new MissingFileException("it is listed, and cannot be read");
		});
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining("it is listed, and cannot be read");
		assertThat(retention.isLong()).isFalse();
	}

	@Test
	void aClockThatWasPutRightIsBelievedSoon() throws Exception {
		secondSnapshot();
		AtomicLong nanos = new AtomicLong();
		Retention retention = retention(nanos);
		assertThat(retention.due()).isEqualTo(this.history.clock.instant().plus(STEADY));
		this.history.clock.step(Duration.ofDays(1));
		retention.due();
		pass(nanos, STEADY);
		assertThat(retention.due()).isBeforeOrEqualTo(this.history.clock.instant());
		retention.run();
		assertThat(this.storage.deletions).isNotEmpty();
	}

	@Test
	void aClockThatIsPutBackPutsNothingOff() throws Exception {
		secondSnapshot();
		AtomicLong nanos = new AtomicLong();
		Retention retention = retention(nanos);
		pass(nanos, STEADY);
		this.storage.deleting((keys) -> {
		});
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(retention::run);
		this.history.clock.step(Duration.ofDays(-1));
		assertThat(retention.due()).isEqualTo(this.history.clock.instant().plus(STEADY));
		pass(nanos, STEADY);
		assertThat(retention.due()).isEqualTo(this.history.clock.instant().minus(STEADY).plus(LEVEL0));
	}

	/** What is kept for long a clock must not delete that has gone on for a moment. */
	@Test
	void howLongLevel0IsKeptSaysNothingOfTheClock() {
		HistorySettings kept = new HistorySettings(List.of(), Duration.ofSeconds(1), Duration.ZERO,
				Duration.ofHours(24), true, false, Duration.ZERO);
		AtomicLong nanos = new AtomicLong();
		this.history.clock.step(Duration.ofDays(1000));
		Retention retention = new Retention("app", this.storage, this.history.index(), kept, Optional::empty,
				(listed) -> {
				}, this.history.clock, nanos::get);
		pass(nanos, Duration.ofSeconds(299));
		assertThat(retention.due()).isAfterOrEqualTo(this.history.clock.instant().plusSeconds(1));
	}

	private void pass(AtomicLong nanos, Duration duration) {
		this.history.clock.step(duration);
		nanos.addAndGet(duration.toNanos());
	}

	/** One that is about to begin to look at the clock. */
	private Retention retention(AtomicLong nanos) {
		return new Retention("app", this.storage, this.history.index(), SETTINGS, Optional::empty, (listed) -> {
		}, this.history.clock, nanos::get);
	}

	private Retention retention(ReplicaIndex index) {
		return this.history.retention(index, SETTINGS, () -> Optional.ofNullable(this.drill));
	}

}
