package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.BodyWriter;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What was proven once may be damaged later, and is known to be: by a drill, or by a
 * merge.
 */
class DisprovenFilesTests {

	private static final Duration LEVEL0 = Duration.ofSeconds(10);

	private static final Duration SNAPSHOTS = Duration.ofMinutes(2);

	private static final HistorySettings SETTINGS = new HistorySettings(
			List.of(Duration.ofSeconds(5), Duration.ofSeconds(6)), LEVEL0, Duration.ofMinutes(1), SNAPSHOTS, true,
			false, Duration.ZERO);

	@TempDir
	private Path folder;

	private GuardedStorage storage;

	private StoredHistory history;

	private boolean full;

	@BeforeEach
	void begin() throws IOException {
		this.storage = new GuardedStorage(new FileReplicaStorage(this.folder.resolve("replica"))) {

			@Override
			public long put(LtxKey key, Instant timestamp, BodyWriter body) {
				if (DisprovenFilesTests.this.full) {
					throw new StorageUnavailableException("no space left on device");
				}
				return super.put(key, timestamp, body);
			}

		};
		this.history = new StoredHistory(this.folder, this.storage);
	}

	/** A drill has read the base, then it rots, then a drill names it. */
	@Test
	void nothingGoesForABaseThatADrillHasNamedAsDamaged() throws Exception {
		this.history.commits(3).snapshot().commits(2);
		LtxKey base = StoredHistory.key(9, 1, 4);
		ReplicaIndex index = this.history.index();
		RestoreDrill drill = new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, index::staying, index);
		assertThat(drill.run(null).failure()).isNull();
		this.history.damage(base);
		DrillResult found = drill.run(null);
		assertThat(found.failure()).contains(base.toString());
		assertThat(found.harmed()).isEqualTo(new Txid(4));
		assertThat(this.history.restoreLatest()).as("older files make up for it").isEqualTo(6);
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		Retention retention = this.history.retention(index, SETTINGS, () -> Optional.of(found));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining(base.toString());
		assertThat(this.history.restoreLatest()).as("the newest state").isEqualTo(6);
		assertThat(this.storage.deletions).isEmpty();
	}

	/** The drill that failed is followed by one for which there is no room. */
	@Test
	void aDrillWithoutRoomDoesNotTakeBackWhatTheOneBeforeHasFound() throws Exception {
		this.history.commits(3).snapshot().commits(2);
		ReplicaIndex index = this.history.index();
		AtomicLong room = new AtomicLong(Long.MAX_VALUE);
		RestoreDrill drill = new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, index::staying, index,
				true, this.history.clock, (folder) -> room.get());
		DrillChore chore = chore(drill);
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		Retention retention = this.history.retention(index, SETTINGS, chore::last);
		chore.run();
		assertThat(chore.last().orElseThrow().failure()).contains("is not the live database");
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining("Nothing is deleted");
		room.set(0);
		chore.run();
		assertThat(chore.last().orElseThrow().failure()).contains("no room");
		this.history.clock.step(LEVEL0);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining("Nothing is deleted");
		assertThat(this.storage.deletions).as("no drill has passed").isEmpty();
		assertThat(chore(drill).last().orElseThrow().harmed()).as("after a restart").isEqualTo(new Txid(7));
	}

	/** The base is sound by itself, and is what the drill has restored. */
	@Test
	void nothingGoesForASnapshotOfTheStateThatIsNotTheLiveDatabase() throws Exception {
		this.history.commits(5).snapshot();
		ReplicaIndex index = this.history.index();
		DrillChore chore = chore(
				new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, index::staying, index));
		chore.run();
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		Retention retention = this.history.retention(index, SETTINGS, chore::last);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining("Nothing is deleted");
		assertThat(this.storage.deletions).isEmpty();
		this.history.commits(1).snapshot();
		this.history.clock.step(SNAPSHOTS.plus(LEVEL0));
		retention.run();
		assertThat(this.storage.deletions).as("it goes for a later one").isNotEmpty();
	}

	/** As when pages of it are damaged, and the snapshot was made of them. */
	@Test
	void nothingGoesForASnapshotOfALiveDatabaseThatIsDamaged() {
		this.history.snapshot();
		DrillResult passed = new DrillResult(Instant.EPOCH, new Txid(1), true, null, null, Duration.ZERO, 0, 1);
		assertThat(passed.failedToo("a page is damaged").harmed()).isGreaterThan(new Txid(1));
	}

	/** It compares with another database than the one that is stored. */
	private DrillChore chore(RestoreDrill drill) {
		return new DrillChore(drill, () -> new LiveState(new Txid(6), 1L << 63, 1), Duration.ofHours(24),
				this.folder.resolve("note"), this.storage.url(), (result) -> {
				}, this.history.clock);
	}

	/** It cannot be made again, since the disk is full: to delete needs no room. */
	@Test
	void nothingGoesForAMergedFileThatAMergeHasFoundDamaged() throws Exception {
		this.history.commits(7);
		ReplicaIndex index = this.history.index();
		Compaction compaction = new Compaction(this.storage, index, (name) -> Optional.empty(),
				new ScratchFolder(Files.createDirectory(this.folder.resolve("scratch"))),
				List.of(Duration.ofSeconds(5)), this.history.clock);
		compaction.run();
		LtxKey merged = StoredHistory.key(1, 2, 8);
		assertThat(this.history.keys()).contains(merged);
		Compaction higher = new Compaction(this.storage, index, (name) -> Optional.empty(),
				new ScratchFolder(this.folder.resolve("scratch")), SETTINGS.levels(), this.history.clock);
		this.history.damage(merged);
		this.full = true;
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(higher::run);
		this.history.clock.step(LEVEL0.multipliedBy(2));
		Retention retention = this.history.retention(index, SETTINGS, Optional::empty);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run)
			.withMessageContaining(merged.toString());
		assertThat(this.history.restoreLatest()).isEqualTo(this.history.txid());
		assertThat(this.storage.deletions).isEmpty();
	}

}
