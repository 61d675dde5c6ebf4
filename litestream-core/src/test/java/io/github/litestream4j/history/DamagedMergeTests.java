package io.github.litestream4j.history;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.LtxKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A process that is killed after it has stored a merged file has not read it back.
 */
class DamagedMergeTests extends AbstractGuardedHistoryTests {

	private static final HistorySettings SETTINGS = new HistorySettings(List.of(Duration.ofSeconds(5)),
			Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(2), true, false, Duration.ZERO);

	private ReplicaIndex index;

	@BeforeEach
	void store() throws Exception {
		this.history.commits(7).merge(1, 2, 8).commits(1);
	}

	@Test
	void isMadeAgainBeforeAnythingIsDeletedForIt() throws Exception {
		this.history.damage(StoredHistory.key(1, 2, 8));
		nextProcess();
		Retention retention = this.history.retention(this.index, SETTINGS, Optional::empty);
		Compaction compaction = compaction();
		assertThat(this.reads).as("nothing is read before it matters").hasValue(0);
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(retention::run);
		assertThat(this.storage.deletions).isEmpty();
		assertThat(compaction.due()).as("at once").isBefore(this.history.clock.instant());
		compaction.run();
		assertThat(new StoredFiles(this.storage, this.index).problems(this.storage.list(1))).isEmpty();
		assertThat(compaction.due()).isAfter(this.history.clock.instant());
		this.history.clock.step(SETTINGS.level0Retention());
		// The file of level 0 that came later is merged meanwhile
		compaction.run();
		retention.run();
		assertThat(this.storage.deletions).hasSize(7);
		assertThat(this.history.restoreTimeOf(8)).isEqualTo(8);
		assertThat(this.history.restoreLatest()).isEqualTo(9);
	}

	@Test
	void isMadeAgainWhenADrillHasFoundIt() throws Exception {
		nextProcess();
		Compaction compaction = compaction();
		compaction.run();
		LtxKey merged = StoredHistory.key(1, 2, 8);
		this.history.damage(merged);
		assertThat(drill()).contains(merged.toString());
		assertThat(compaction.due()).as("at once").isBefore(this.history.clock.instant());
		compaction.run();
		assertThat(drill()).isNull();
	}

	@Test
	void nothingFailsWhereItsInputsAreGoneAndAHigherLevelHoldsThem() throws Exception {
		this.history.merge(2, 2, 8);
		nextProcess();
		this.storage.delete(LongStream.rangeClosed(2, 8).mapToObj((txid) -> StoredHistory.key(0, txid, txid)).toList());
		this.index = this.history.index();
		Compaction compaction = compaction();
		compaction.run();
		LtxKey merged = StoredHistory.key(1, 2, 8);
		this.history.damage(merged);
		assertThat(drill()).contains(merged.toString());
		compaction.run();
		assertThat(this.history.restoreLatest()).isEqualTo(9);
		this.storage.delete(List.of(StoredHistory.key(2, 2, 8)));
		this.index.remove(List.of(StoredHistory.key(2, 2, 8)));
		assertThatExceptionOfType(CorruptDataException.class).isThrownBy(compaction::run)
			.withMessageContaining(merged.toString());
	}

	private String drill() throws Exception {
		return new RestoreDrill(this.storage, this.folder, RestoreDrill.UNLIMITED, this.index::staying, this.index)
			.run(null)
			.failure();
	}

	@Test
	void aSoundOneIsReadOnce() throws Exception {
		nextProcess();
		Retention retention = this.history.retention(this.index, SETTINGS, Optional::empty);
		Compaction compaction = compaction();
		retention.run();
		assertThat(this.reads).hasValue(1);
		assertThat(this.storage.deletions).hasSize(7);
		compaction.run();
		retention.run();
		assertThat(this.storage.deletions).hasSize(7);
	}

	private void nextProcess() {
		this.history.clock.step(SETTINGS.level0Retention());
		this.index = this.history.index();
	}

	private Compaction compaction() throws Exception {
		return new Compaction(this.storage, this.index, (name) -> Optional.empty(),
				new ScratchFolder(Files.createDirectory(this.folder.resolve("scratch"))), SETTINGS.levels(),
				this.history.clock);
	}

}
