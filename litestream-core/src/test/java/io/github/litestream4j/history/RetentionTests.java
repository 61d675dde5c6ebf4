package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Passes over real replicas in a folder.
 */
class RetentionTests {

	private static final Duration LEVEL0 = Duration.ofSeconds(10);

	private static final Duration SNAPSHOTS = Duration.ofMinutes(2);

	@TempDir
	private Path folder;

	private GuardedStorage storage;

	private StoredHistory history;

	/** The last one, or null. */
	private DrillResult drill;

	@BeforeEach
	void begin() throws IOException {
		this.storage = new GuardedStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.history = new StoredHistory(this.folder, this.storage);
	}

	@Test
	void f37ATimeWhoseFileOfLevel0IsGoneIsRestoredFromTheMergedLevels() throws Exception {
		this.history.commits(19).merge(1, 2, 10).merge(1, 11, 20).merge(2, 2, 20).commits(3);
		this.history.clock.step(LEVEL0);
		retention().run();
		assertThat(level(0)).containsExactly(21L, 22L, 23L);
		assertThat(this.history.restoreTimeOf(10)).isEqualTo(10);
		assertThat(this.history.restoreTimeOf(15)).isEqualTo(10);
		assertThat(this.history.restoreTimeOf(20)).isEqualTo(20);
		assertThat(this.history.restoreTimeOf(22)).isEqualTo(22);
		assertThat(this.history.restoreLatest()).isEqualTo(23);
		assertThat(this.history.restore(this.storage, this.history.request().to(new Txid(20)))).isEqualTo(20);
	}

	@Test
	void f51EveryStateOfTheWindowStaysAndNothingBeforeIt() throws Exception {
		threeSnapshots();
		List<LtxKey> before = this.history.keys();
		retention().run();
		assertThat(this.history.keys()).doesNotContain(StoredHistory.key(9, 1, 1), StoredHistory.key(0, 5, 5))
			.contains(StoredHistory.key(1, 9, 13), StoredHistory.key(9, 1, 11))
			.hasSizeLessThan(before.size());
		for (long txid = 14; txid <= this.history.txid(); txid++) {
			assertThat(this.history.restoreTimeOf(txid)).isEqualTo(txid);
		}
		assertThat(this.history.restoreTimeOf(11)).isEqualTo(11);
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> this.history.restoreTimeOf(6))
			.withMessageContaining("the first that it can give is TXID 000000000000000b");
	}

	/** With a merged file across the second one. */
	private void threeSnapshots() throws IOException {
		this.history.commits(7).merge(1, 2, 8).commits(3).snapshot().commits(2).merge(1, 9, 13).commits(3);
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		this.history.commits(4).snapshot().commits(4);
	}

	@Test
	void f57WhatIsStillListedIsAFailureAndIsDeletedAgain() throws Exception {
		this.history.commits(4).merge(1, 2, 4).commits(1);
		this.history.clock.step(LEVEL0);
		ReplicaIndex index = this.history.index();
		Retention retention = retention(index, settings(true, false));
		this.storage.deleting((keys) -> {
		});
		assertThat(retention.due()).isBeforeOrEqualTo(this.history.clock.instant());
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(retention::run)
			.withMessageContaining("3 of 3 files that retention deleted")
			.withMessageContaining("level 0 0000000000000002-0000000000000002.ltx");
		assertThat(index.level(0)).hasSize(5);
		assertThat(retention.due()).isEqualTo(this.history.clock.instant().plus(LEVEL0));
		this.storage.deleting(new FileReplicaStorage(this.folder.resolve("replica"))::delete);
		this.history.clock.step(LEVEL0);
		retention.run();
		assertThat(level(0)).containsExactly(5L, 6L);
		assertThat(index.level(0)).hasSize(2);
		assertThat(retention.due()).isEqualTo(Instant.MAX);
	}

	@Test
	void whatAPassThatFailedHasDeletedIsMissedByNoDrill() throws Exception {
		this.history.commits(4).merge(1, 2, 4).commits(1);
		this.history.clock.step(LEVEL0);
		ReplicaIndex index = this.history.index();
		FileReplicaStorage replica = new FileReplicaStorage(this.folder.resolve("replica"));
		this.storage.deleting((keys) -> {
			replica.delete(keys);
			throw new StorageUnavailableException("the answer is lost");
		});
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(retention(index, settings(true, false))::run);
		assertThat(level(0)).containsExactly(5L, 6L);
		RestoreDrill drill = new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, index::staying, index);
		assertThat(drill.run(null).failure()).isNull();
		replica.delete(List.of(StoredHistory.key(1, 2, 4)));
		assertThat(drill.run(null).failure())
			.contains(", and retention did not delete them: " + StoredHistory.key(1, 2, 4));
	}

	@Test
	void f43ARestoreThatIsUnderWayIsPlannedAnew() throws Exception {
		this.history.commits(20);
		HistorySettings shortest = new HistorySettings(List.of(Duration.ofMillis(1)), Duration.ofMillis(1),
				Duration.ZERO, Duration.ofMillis(1), true, false, Duration.ZERO);
		AtomicBoolean deleted = new AtomicBoolean();
		this.storage.beforeRead(() -> {
			if (deleted.compareAndSet(false, true)) {
				this.history.merge(1, 2, 21).snapshot();
				this.history.clock.step(HistorySettings.LEAST_LEVEL0_AGE);
				try {
					retention(this.history.index(), shortest).run();
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			}
		});
		assertThat(this.history.restoreLatest()).isEqualTo(21);
		assertThat(this.storage.deletions).hasSizeGreaterThan(19);
		assertThat(this.history.keys()).containsExactly(StoredHistory.key(0, 21, 21), StoredHistory.key(9, 1, 21));
	}

	@Test
	void f43ARestoreOfTheOldestPointKeepsItsBaseForAsLongAsLevel0IsKept() throws Exception {
		this.history.commits(3).snapshot().commits(3);
		Instant time = this.history.time(3);
		this.history.clock.step(Duration.between(this.history.clock.instant(), time).plus(SNAPSHOTS));
		AtomicBoolean passed = new AtomicBoolean();
		this.storage.beforeRead(() -> {
			if (passed.compareAndSet(false, true)) {
				this.history.clock.step(LEVEL0);
				try {
					retention().run();
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			}
		});
		assertThat(this.history.restoreTimeOf(3)).isEqualTo(3);
		assertThat(passed).isTrue();
		this.history.clock.step(Duration.ofSeconds(1));
		retention().run();
		assertThat(this.history.keys()).doesNotContain(StoredHistory.key(9, 1, 1));
	}

	@Test
	void aDryRunTellsEachFileWithItsReasonAndDeletesNothing() throws Exception {
		threeSnapshots();
		List<LtxKey> before = this.history.keys();
		Logger logger = (Logger) LoggerFactory.getLogger(Retention.class);
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		logger.addAppender(log);
		try {
			retention(this.history.index(), settings(true, true)).run();
		}
		finally {
			logger.detachAppender(log);
		}
		assertThat(this.storage.deletions).isEmpty();
		assertThat(this.history.keys()).isEqualTo(before);
		List<String> told = log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
		retention().run();
		assertThat(told).hasSameSizeAs(this.storage.deletions);
		assertThat(told.get(0)).contains("would delete level 9 0000000000000001-0000000000000001.ltx")
			.contains("before the window of PT2M10S");
	}

	@Test
	void switchedOffItIsNeverDueAndNeedsNoRightToDelete() throws IOException {
		threeSnapshots();
		this.storage.deleting((keys) -> {
			throw new StorageUnavailableException("deleting is not allowed");
		});
		Retention retention = retention(this.history.index(), settings(false, false));
		assertThat(retention.due()).isEqualTo(Instant.MAX);
		assertThat(this.storage.deletions).isEmpty();
	}

	@Test
	void aPassThatEndsAfterAnyFileLeavesEveryKeptPoint() throws Exception {
		threeSnapshots();
		this.history.merge(1, 14, 16);
		this.history.clock.step(LEVEL0);
		AtomicBoolean ended = new AtomicBoolean();
		this.storage.deleting((keys) -> deleteOne(keys, ended));
		int passes = 0;
		while (!ended.get()) {
			ended.set(true);
			try {
				retention().run();
			}
			catch (StorageUnavailableException ex) {
				assertThat(ex).hasMessage("the process ends");
			}
			for (long txid = 11; txid <= this.history.txid(); txid++) {
				long found = this.history.restoreTimeOf(txid);
				assertThat(found).isBetween(coarser(txid), txid);
			}
			assertThat(this.history.restoreLatest()).isEqualTo(this.history.txid());
			passes++;
		}
		assertThat(passes).isGreaterThan(12);
	}

	private static long coarser(long txid) {
		return (txid < 14) ? 11 : (txid < 17) ? 13 : txid;
	}

	private void deleteOne(Collection<LtxKey> keys, AtomicBoolean ended) {
		new FileReplicaStorage(this.folder.resolve("replica")).delete(List.of(keys.iterator().next()));
		if (keys.size() > 1) {
			ended.set(false);
			throw new StorageUnavailableException("the process ends");
		}
	}

	@Test
	void isDueWhenSomethingCanGoAndAsksNobodyForThat() throws Exception {
		ReplicaIndex index = this.history.index();
		Retention retention = retention(index, settings(true, false));
		assertThat(retention.due()).isEqualTo(Instant.MAX);
		this.history.commits(3).clock.step(Duration.ofHours(1));
		this.history.files().stream().filter((file) -> file.key().level() == 0).forEach(index::add);
		assertThat(retention.due()).as("commits alone let nothing go").isEqualTo(Instant.MAX);
		Instant merged = this.history.clock.instant();
		this.history.merge(1, 2, 3);
		index.add(this.storage.list(1).get(0));
		assertThat(retention.due()).isEqualTo(merged.plus(LEVEL0));
		this.history.clock.step(Duration.ofSeconds(5));
		assertThat(retention.due()).isEqualTo(merged.plus(LEVEL0));
		this.history.clock.step(Duration.ofSeconds(5));
		assertThat(this.storage.timeRequests).isZero();
		retention.run();
		assertThat(level(0)).containsExactly(4L);
		assertThat(this.storage.timeRequests).isEqualTo(1);
		assertThat(retention.due()).isEqualTo(Instant.MAX);
		this.history.snapshot();
		Instant stored = this.history.clock.instant();
		index.add(this.storage.list(9).get(1));
		assertThat(retention.due()).isEqualTo(stored.plus(LEVEL0));
		this.history.clock.step(LEVEL0);
		retention.run();
		assertThat(this.storage.timeRequests).as("a time never changes").isEqualTo(2);
	}

	@Test
	void isDueAtTheStartWhenTheLastProcessLeftSomething() throws Exception {
		this.history.commits(3).merge(1, 2, 3);
		this.history.clock.step(Duration.ofSeconds(5));
		Instant old = this.history.time(3).plus(LEVEL0);
		assertThat(retention().due()).isEqualTo(old);
		this.history.clock.step(Duration.ofHours(1));
		assertThat(retention().due()).isBeforeOrEqualTo(this.history.clock.instant());
	}

	@Test
	void aMergedFileCountsAsOldOnlyFromWhenItWasStored() throws Exception {
		this.history.commits(3).clock.step(Duration.ofHours(1));
		this.history.merge(1, 2, 3);
		ReplicaIndex index = this.history.index();
		LtxKey merged = StoredHistory.key(1, 2, 3);
		index.add(new StoredFile(merged, 1000, this.history.clock.instant()));
		Retention retention = retention(index, settings(true, false));
		retention.run();
		assertThat(this.storage.deletions).isEmpty();
		assertThat(retention.due()).isEqualTo(this.history.clock.instant().plus(LEVEL0));
		this.history.clock.step(LEVEL0);
		retention.run();
		assertThat(level(0)).containsExactly(4L);
	}

	@Test
	void theChecksumsBesideTheFilesGoWithThem() throws Exception {
		this.history.commits(2).merge(1, 2, 2);
		LtxKey key = StoredHistory.key(9, 1, 1);
		this.storage.putDatabaseChecksum(key, -1);
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0).plusSeconds(1));
		this.history.commits(1).snapshot();
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		Path checksum = this.folder.resolve("replica/meta/checksums/9").resolve(key.name().toString());
		assertThat(Files.exists(checksum)).isTrue();
		retention().run();
		assertThat(Files.exists(checksum)).isFalse();
		assertThat(this.history.keys()).containsExactly(StoredHistory.key(0, 4, 4), StoredHistory.key(9, 1, 4));
	}

	private List<Long> level(int level) {
		List<Long> ends = new ArrayList<>();
		this.storage.list(level).forEach((file) -> ends.add(file.key().name().max().value()));
		return ends;
	}

	private Retention retention() {
		return retention(this.history.index(), settings(true, false));
	}

	private static HistorySettings settings(boolean enabled, boolean dryRun) {
		return new HistorySettings(List.of(Duration.ofSeconds(5)), LEVEL0, Duration.ofMinutes(1), SNAPSHOTS, enabled,
				dryRun, Duration.ZERO);
	}

	private Retention retention(ReplicaIndex index, HistorySettings settings) {
		return this.history.retention(index, settings, () -> Optional.ofNullable(this.drill));
	}

}
