package io.github.litestream4j.history;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is merged, and when.
 */
class CompactionTests extends AbstractCompactionTests {

	@Test
	void f56MergesRightAfterTheStartWhatIsThere() throws Exception {
		this.history.commit(5);
		Compaction compaction = compaction();
		assertThat(compaction.due()).isEqualTo(this.clock.instant());
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-6");
		// Level 2 has something to merge from now on only
		assertThat(this.history.listed(2)).isEmpty();
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(MINUTES_5));
		this.history.assertRestores(this.folder, 2, 4, 6);
	}

	@Test
	void f56WhatWasMergedBeforeTheStartIsNotMergedAgain() throws Exception {
		this.history.commit(5);
		Compaction first = compaction();
		for (int level = 1; level <= 3; level++) {
			first.run();
			assertThat(this.history.listed(level)).containsExactly("2-6");
			this.clock.forward(Duration.ofHours(1));
		}
		int calls = this.storage.calls();
		assertThat(compaction().due()).isEqualTo(Instant.MAX);
		assertThat(this.storage.calls()).isEqualTo(calls);
	}

	@Test
	void waitsFromTheFirstFileThatIsNotMergedAndCostsNothingMeanwhile() throws Exception {
		Compaction compaction = compaction();
		assertThat(compaction.due()).isEqualTo(Instant.MAX);
		this.clock.forward(Duration.ofHours(1));
		assertThat(compaction.due()).isEqualTo(Instant.MAX);
		this.history.commit(1);
		int calls = this.storage.calls();
		Instant due = this.clock.instant().plus(SECONDS_30);
		assertThat(compaction.due()).isEqualTo(due);
		this.clock.forward(Duration.ofSeconds(20));
		this.history.commit(1);
		assertThat(compaction.due()).isEqualTo(due);
		assertThat(this.storage.calls()).isEqualTo(calls + 1);
		compaction.run();
		assertThat(this.history.listed(1)).isEmpty();
		this.clock.forward(Duration.ofSeconds(10));
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-3");
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(MINUTES_5));
	}

	@Test
	void aClockThatIsPutBackPutsNoMergeOff() throws Exception {
		Compaction compaction = compaction();
		this.history.commit(1);
		compaction.due();
		this.clock.forward(Duration.ofDays(-30));
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(SECONDS_30));
		this.clock.forward(SECONDS_30);
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-2");
	}

	@Test
	void eachLevelIsMadeOfTheOneBelowTheLowestFirst() throws Exception {
		Compaction compaction = compaction();
		for (int i = 0; i < 120; i++) {
			this.history.commit(3);
			compaction.due();
			this.clock.forward(SECONDS_30);
			compaction.run();
		}
		assertThat(this.history.listed(1)).hasSize(120).startsWith("2-4", "5-7");
		assertThat(this.history.listed(2)).hasSizeBetween(10, 12);
		assertThat(compaction.due()).isBeforeOrEqualTo(this.clock.instant().plus(MINUTES_5));
		this.clock.forward(Duration.ofHours(1));
		compaction.run();
		assertThat(this.history.listed(3)).hasSizeBetween(1, 2).last().asString().endsWith("-361");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 4, 7, 361);
	}

	@Test
	void f35TimeAndChecksumAreThoseOfTheNewestInput() throws Exception {
		this.history.commit(5);
		compaction().run();
		StoredFile merged = this.history.stored(1, 2, 6);
		assertThat(this.storage.timestamp(merged)).isEqualTo(TestHistory.time(6));
		assertThat(this.storage.databaseChecksum(merged)).isEqualTo(OptionalLong.of(this.history.checksum(6)));
	}

	@Test
	void nothingIsMergedAcrossAGap() throws Exception {
		this.history.commit(4);
		this.history.newHistory();
		this.history.commit(3);
		Compaction compaction = compaction();
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-5", "8-10");
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(this.history.listed(2)).containsExactly("2-5", "8-10");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 5, 7, 10);
	}

	@Test
	void nothingIsMergedAcrossASnapshotThoughAnotherWritersFileFillsTheGap() throws Exception {
		this.history.commit(4);
		this.history.newHistory();
		this.history.commit(3);
		// What a writer of the old history stored late, where the new one begins
		TestHistory other = new TestHistory(new FileReplicaStorage(this.folder.resolve("other")), 2);
		for (long txid = 6; txid <= 7; txid++) {
			this.history.index().add(copy(other, txid), 1);
		}
		for (StoredFile file : this.storage.list(0)) {
			this.history.index().add(file);
		}
		compaction().run();
		assertThat(this.history.listed(1)).containsExactly("2-7", "8-10");
		this.history.assertRestores(this.folder, 5, 7, 8, 10);
	}

	private LtxKey copy(TestHistory other, long txid) {
		var key = TestHistory.key(0, txid, txid);
		byte[] bytes = TestPages.file(key.name(), 10, TestHistory.time(txid), other.pages());
		this.storage.putIfAbsent(key, Content.of(bytes), TestHistory.time(txid));
		return key;
	}

	@Test
	void aBaseImageStaysWhereItIs() throws Exception {
		// As Litestream begins a history
		ReplicaStorage storage = new FileReplicaStorage(this.folder.resolve("litestream"));
		TestHistory history = new TestHistory(storage, 3);
		history.put(0, 1, 1, history.pages());
		storage.delete(List.of(TestHistory.key(9, 1, 1)));
		history.index().remove(List.of(TestHistory.key(9, 1, 1)));
		history.commit(5);
		Compaction compaction = compaction(storage, history, LocalFilesFor.NONE);
		compaction.run();
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(history.listed(1)).containsExactly("2-6");
		assertThat(history.listed(2)).containsExactly("2-6");
		history.assertRestores(this.folder, 1, 2, 6);
		storage.delete(List.of(TestHistory.key(0, 2, 2), TestHistory.key(0, 3, 3), TestHistory.key(0, 4, 4)));
		history.assertRestores(this.folder, 6);
	}

	@Test
	void f39OverlappingAndCoveredFilesAreMergedOnce() throws Exception {
		this.history.commit(4);
		Compaction compaction = compaction();
		compaction.run();
		this.history.commit(4);
		// As a crash, and a retry with another beginning, left it
		try (MergedFile merged = LtxMerge.merge(inputs(4, 7), new ScratchFolder(this.scratch))) {
			var key = TestHistory.key(1, 4, 7);
			this.storage.putIfAbsent(key, merged, merged.time());
			this.history.index().add(key, merged.length());
		}
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(SECONDS_30));
		this.clock.forward(MINUTES_5);
		compaction.run();
		assertThat(this.history.listed(1)).containsExactly("2-5", "4-7", "8-9");
		assertThat(this.history.listed(2)).containsExactly("2-9");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 5, 7, 9);
		// Only level 3 is left
		assertThat(compaction.due()).isEqualTo(this.clock.instant().plus(Duration.ofHours(1)));
	}

	@Test
	void f52WhatIsHereIsNotFetched() throws Exception {
		this.history.commit(5);
		LocalFilesFor local = new LocalFilesFor(this.folder.resolve("replica/ltx/0"));
		int reads = this.storage.calls(Operation.READ);
		compaction(this.storage, this.history, local).run();
		// The one that reads the merged file back
		assertThat(this.storage.calls(Operation.READ)).isEqualTo(reads + 1);
		assertThat(this.history.listed(1)).containsExactly("2-6");
		this.history.deleteLevel0();
		this.history.assertRestores(this.folder, 6);
	}

}
