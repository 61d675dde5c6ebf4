package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.List;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RestorePlannerTests {

	private final ListedStorage storage = new ListedStorage();

	@Test
	void findsNothingInAnEmptyReplica() {
		RestorePlanner planner = new RestorePlanner(this.storage);
		assertThat(planner.plan(null, null)).isEmpty();
		assertThat(planner.plan(Txid.FIRST, null)).isEmpty();
		assertThat(planner.plan(null, Instant.ofEpochSecond(5))).isEmpty();
	}

	@Test
	void passesOnThatAListingFailed() {
		StorageUnavailableException failure = new StorageUnavailableException("503");
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> new RestorePlanner(new InterceptedStorage(this.storage).listing((level) -> {
				if (level == 9) {
					throw failure;
				}
			})).plan(null, null))
			.isSameAs(failure);
	}

	@Test
	void takesTheSnapshotAlone() {
		this.storage.add(9, 1, 40);
		assertThat(latest()).containsExactly("level 9 0000000000000001-0000000000000028.ltx");
	}

	@Test
	void prefersTheHighestLevelOfEqualFiles() {
		this.storage.add(0, 1, 1).add(1, 1, 1).add(9, 1, 1);
		assertThat(latest()).containsExactly("level 9 0000000000000001-0000000000000001.ltx");
	}

	@Test
	void prefersFewBytes() {
		this.storage.add(ListedStorage.file(9, 1, 2, 1_000_000_000), Instant.ofEpochSecond(2));
		this.storage.add(0, 1, 1).add(1, 2, 3).add(0, 3, 3);
		assertThat(latest()).containsExactly("level 0 0000000000000001-0000000000000001.ltx",
				"level 1 0000000000000002-0000000000000003.ltx");
	}

	/** The file of level 0 may lead on from another history than the snapshot begins. */
	@Test
	void f30ASnapshotSaysWhatItsStateIsWhateverItCosts() {
		this.storage.add(ListedStorage.file(9, 1, 3, 1_000_000_000), Instant.ofEpochSecond(3));
		this.storage.add(9, 1, 1).add(0, 2, 2).add(0, 3, 3).add(0, 4, 4);
		assertThat(latest()).containsExactly("level 9 0000000000000001-0000000000000003.ltx",
				"level 0 0000000000000004-0000000000000004.ltx");
	}

	@Test
	void prefersOneMergedFileToManySmallOnes() {
		this.storage.add(9, 1, 1);
		for (int i = 2; i <= 50; i++) {
			this.storage.add(0, i, i);
		}
		this.storage.add(1, 2, 40);
		assertThat(latest()).hasSize(12).contains("level 1 0000000000000002-0000000000000028.ltx");
	}

	@Test
	void leavesTheLongestStepWhereItCostsMore() {
		this.storage.add(9, 1, 1).add(1, 2, 5).add(1, 6, 12);
		this.storage.add(ListedStorage.file(2, 2, 9, 90_000_000), Instant.ofEpochSecond(9));
		assertThat(latest()).hasSize(3).allMatch((key) -> !key.startsWith("level 2"));
	}

	@Test
	void f39OverlappingFilesOfOneLevelAreNoObstacle() {
		this.storage.add(9, 1, 3).add(1, 2, 6).add(1, 5, 9).add(1, 4, 5).add(0, 10, 10);
		assertThat(latest()).hasSize(4);
	}

	@Test
	void anOverlongFileDoesNotHideAnExactState() {
		this.storage.add(9, 1, 2).add(2, 3, 20).add(0, 3, 3).add(0, 4, 4);
		assertThat(new RestorePlanner(this.storage).plan(new Txid(4), null).orElseThrow().txid())
			.isEqualTo(new Txid(4));
	}

	@Test
	void aHistoryWithoutSnapshotIsNotUsed() {
		this.storage.add(0, 2, 2).add(0, 3, 3);
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> new RestorePlanner(this.storage).plan(null, null))
			.withMessageContaining("TXIDs 0000000000000001 to 0000000000000001 are in no file")
			.withMessageContaining("the last file before that gap: none")
			.withMessageContaining("No state can be restored");
	}

	@Test
	void f29AGapIsAnErrorInEveryMode() {
		for (int i = 1; i <= 11; i++) {
			this.storage.add(0, i, i);
		}
		this.storage.remove(0, 7, 7);
		RestorePlanner planner = new RestorePlanner(this.storage);
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> planner.plan(null, null))
			.withMessageContaining("TXIDs 0000000000000007 to 0000000000000007 are in no file")
			.withMessageContaining("gap: level 0 0000000000000006-0000000000000006.ltx")
			.withMessageContaining("after it: level 0 0000000000000008-0000000000000008.ltx")
			.withMessageContaining("before, TXID 0000000000000006 of 1970-01-01T00:00:06Z; after, nothing");
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> planner.plan(new Txid(9), null))
			.withMessageContaining("before, TXID 0000000000000006");
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> planner.plan(null, Instant.ofEpochSecond(9)))
			.withMessageContaining("TXID 0000000000000009, the state of 1970-01-01T00:00:09Z");
		assertThat(planner.plan(new Txid(6), null)).isPresent();
		assertThat(planner.plan(null, Instant.ofEpochSecond(6))).isPresent();
		// Whether 7 had happened by then nothing tells
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> planner.plan(null, Instant.ofEpochSecond(7)))
			.withMessageContaining("the state of 1970-01-01T00:00:07Z, which may be any from TXID 0000000000000006 on")
			.withMessageContaining("TXIDs 0000000000000007 to 0000000000000007 are in no file")
			.withMessageContaining("before, TXID 0000000000000006 of 1970-01-01T00:00:06Z; after, nothing");
	}

	@Test
	void aLostFileWithinAMergedRangeIsAnErrorForTheTimesAfterIt() {
		this.storage.add(9, 1, 1).add(1, 2, 9);
		for (int i = 2; i <= 9; i++) {
			this.storage.add(0, i, i);
		}
		this.storage.remove(0, 5, 5);
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(7)))
			.withMessageContaining("before, TXID 0000000000000004")
			.withMessageContaining("after, TXID 0000000000000009");
		assertThat(new RestorePlanner(this.storage).plan(null, null).orElseThrow().txid()).isEqualTo(new Txid(9));
	}

	@Test
	void aNewSnapshotBridgesALostPosition() {
		this.storage.add(9, 1, 1);
		for (int i = 2; i <= 9; i++) {
			this.storage.add(0, i, i);
		}
		this.storage.remove(0, 6, 6).add(9, 1, 6);
		RestorePlanner planner = new RestorePlanner(this.storage);
		assertThat(planner.plan(null, null).orElseThrow().files()).hasSize(4)
			.first()
			.extracting((file) -> file.key().toString())
			.isEqualTo("level 9 0000000000000001-0000000000000006.ltx");
		assertThat(planner.plan(new Txid(5), null).orElseThrow().files()).hasSize(5);
		assertThat(planner.plan(null, Instant.ofEpochSecond(5)).orElseThrow().txid()).isEqualTo(new Txid(5));
	}

	@Test
	void aTxidWithinAMergedFileIsNamedWithItsNeighbours() {
		this.storage.add(9, 1, 3).add(1, 4, 9);
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> new RestorePlanner(this.storage).plan(new Txid(6), null))
			.withMessageContaining("lies within level 1 0000000000000004-0000000000000009.ltx")
			.withMessageContaining("before, TXID 0000000000000003")
			.withMessageContaining("after, TXID 0000000000000009");
	}

	@Test
	void aTxidBeyondTheNewestIsRefused() {
		this.storage.add(9, 1, 3);
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> new RestorePlanner(this.storage).plan(new Txid(4), null))
			.withMessageContaining("its newest file ends at 0000000000000003")
			.withMessageContaining("before, TXID 0000000000000003 of 1970-01-01T00:00:03Z; after, nothing");
	}

	@Test
	void f36ATimeBeforeTheFirstStateNamesTheFirst() {
		this.storage.add(9, 1, 3);
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(2)))
			.withMessageContaining("no state as old as 1970-01-01T00:00:02Z")
			.withMessageContaining("TXID 0000000000000003 of 1970-01-01T00:00:03Z");
	}

	@Test
	void f36ATimeIsFoundInWhateverLevelStillHoldsIt() {
		this.storage.add(9, 1, 10).add(2, 11, 20).add(1, 21, 24).add(0, 25, 25).add(0, 26, 26);
		RestorePlanner planner = new RestorePlanner(this.storage);
		assertThat(planner.plan(null, Instant.ofEpochSecond(10)).orElseThrow().txid()).isEqualTo(new Txid(10));
		assertThat(planner.plan(null, Instant.ofEpochSecond(19)).orElseThrow().txid()).isEqualTo(new Txid(10));
		assertThat(planner.plan(null, Instant.ofEpochSecond(20)).orElseThrow().txid()).isEqualTo(new Txid(20));
		assertThat(planner.plan(null, Instant.ofEpochSecond(24)).orElseThrow().txid()).isEqualTo(new Txid(24));
		assertThat(planner.plan(null, Instant.ofEpochSecond(25)).orElseThrow().txid()).isEqualTo(new Txid(25));
		assertThat(planner.plan(null, Instant.ofEpochSecond(26)).orElseThrow().txid()).isEqualTo(new Txid(26));
	}

	@Test
	void f37ATimeInAPartlyRetiredWindowGivesWhatItGivesWhenAllIsRetired() {
		this.storage.add(9, 1, 10).add(1, 11, 20).add(0, 16, 16).add(0, 17, 17);
		assertThat(new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(17)).orElseThrow().txid())
			.isEqualTo(new Txid(10));
		this.storage.remove(0, 16, 16).remove(0, 17, 17);
		assertThat(new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(17)).orElseThrow().txid())
			.isEqualTo(new Txid(10));
	}

	@Test
	void aSnapshotTakenAfterItsLastTransactionStillServesTheTimeBetween() {
		StoredFile snapshot = ListedStorage.file(9, 1, 1, 100);
		this.storage.add(snapshot, Instant.ofEpochSecond(9)).add(0, 2, 2).add(0, 6, 6).add(1, 3, 6);
		assertThat(new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(5)).orElseThrow().files())
			.hasSize(2)
			.contains(snapshot);
	}

	@Test
	void aTimeAfterTheLastStateNamesTheLast() {
		this.storage.add(9, 1, 3).add(0, 4, 4);
		StoredFile snapshot = ListedStorage.file(9, 1, 4, 100);
		this.storage.add(snapshot, Instant.ofEpochSecond(8));
		RestorePlanner planner = new RestorePlanner(this.storage);
		// The snapshot proves that nothing else was written until then
		assertThat(planner.plan(null, Instant.ofEpochSecond(8)).orElseThrow().txid()).isEqualTo(new Txid(4));
		assertThat(planner.plan(null, Instant.ofEpochSecond(9)).orElseThrow().txid()).isEqualTo(new Txid(4));
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> planner.plan(null, Instant.ofEpochMilli(9001)))
			.withMessageContaining("no state as late as 1970-01-01T00:00:09.001Z")
			.withMessageContaining("its newest is TXID 0000000000000004 of 1970-01-01T00:00:08Z")
			.withMessageContaining("leave the time out")
			.withMessageContaining("before, TXID 0000000000000004");
	}

	@Test
	void aTimeBeforeAHistoryThatBeganAnewIsInNoHole() {
		this.storage.add(9, 1, 1).add(0, 2, 2).add(0, 3, 3).add(9, 1, 6).add(0, 7, 7).begin(6);
		RestorePlanner planner = new RestorePlanner(this.storage);
		assertThat(planner.plan(null, Instant.ofEpochSecond(5)).orElseThrow().txid()).isEqualTo(new Txid(3));
		assertThat(planner.plan(null, Instant.ofEpochSecond(6)).orElseThrow().txid()).isEqualTo(new Txid(6));
	}

	@Test
	void aTimeInAHoleNamesBothSides() {
		this.storage.add(9, 1, 1).add(0, 2, 2).add(0, 5, 5).add(0, 6, 6).add(9, 1, 7);
		assertThatExceptionOfType(UnreachablePointException.class)
			.isThrownBy(() -> new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(4)))
			.withMessageContaining("before, TXID 0000000000000002 of 1970-01-01T00:00:02Z")
			.withMessageContaining("after, TXID 0000000000000007 of 1970-01-01T00:00:07Z");
	}

	@Test
	void f35ATimeWithinAMergedFileMeansTheStateBeforeIt() {
		this.storage.add(9, 1, 10).add(1, 11, 20).add(1, 21, 30);
		RestorePlanner planner = new RestorePlanner(this.storage);
		for (int time = 10; time <= 30; time++) {
			assertThat(planner.plan(null, Instant.ofEpochSecond(time)).orElseThrow().txid())
				.isEqualTo(new Txid(time / 10 * 10));
		}
	}

	/**
	 * All levels listed take ten requests, and nine more for the other thousands of
	 * files: with the times, sixty at most.
	 */
	@Test
	void f38AsksForFewTimes() {
		this.storage.add(9, 1, 1);
		for (int i = 2; i <= 10_000; i++) {
			this.storage.add(0, i, i);
			if (i % 10 == 0) {
				this.storage.add(1, Math.max(2, i - 9), i);
			}
			if (i % 100 == 0) {
				this.storage.add(2, Math.max(2, i - 99), i);
			}
			if (i % 1000 == 0) {
				this.storage.add(3, Math.max(2, i - 999), i).add(9, 1, i);
			}
		}
		for (int time : List.of(1, 2, 4999, 5000, 9999, 10_000)) {
			this.storage.timeRequests = 0;
			assertThat(new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(time)).orElseThrow().txid())
				.isEqualTo(new Txid(time));
			assertThat(this.storage.timeRequests).isLessThanOrEqualTo(41);
		}
		// Level 0 was let go of: what is merged tells
		ListedStorage merged = new ListedStorage();
		this.storage.files()
			.stream()
			.filter((file) -> file.key().level() > 0 || file.key().name().max().isAfter(new Txid(9990)))
			.forEach((file) -> merged.add(file, this.storage.timeOf(file)));
		assertThat(new RestorePlanner(merged).plan(null, Instant.ofEpochSecond(5555)).orElseThrow().txid())
			.isEqualTo(new Txid(5550));
		assertThat(merged.timeRequests).isLessThanOrEqualTo(40);
	}

	private List<String> latest() {
		return new RestorePlanner(this.storage).plan(null, null)
			.orElseThrow()
			.files()
			.stream()
			.map((file) -> file.key().toString())
			.toList();
	}

}
