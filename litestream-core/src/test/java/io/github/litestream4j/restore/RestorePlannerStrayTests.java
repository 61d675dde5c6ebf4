package io.github.litestream4j.restore;

import java.time.Instant;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Times that do not ascend with the transactions: of files that a writer has left which
 * came too late, and of clocks that were set.
 */
class RestorePlannerStrayTests {

	private static final int NEWEST = 10_000;

	private final ListedStorage storage = new ListedStorage();

	/** Level 0 was let go of up to 9900, so that keys are free. */
	private void merged() {
		this.storage.add(9, 1, 1);
		for (int i = 2; i <= NEWEST; i++) {
			if (i > 9900) {
				this.storage.add(0, i, i);
			}
			if (i % 10 == 0) {
				this.storage.add(1, Math.max(2, i - 9), i);
			}
			if (i % 1000 == 0) {
				this.storage.add(2, Math.max(2, i - 999), i);
			}
		}
	}

	private void level0() {
		this.storage.add(9, 1, 1);
		for (int i = 2; i <= NEWEST; i++) {
			this.storage.add(0, i, i);
		}
	}

	private void stray(int txid, int seconds) {
		this.storage.remove(0, txid, txid).add(ListedStorage.file(0, txid, txid, 100), Instant.ofEpochSecond(seconds));
	}

	@Test
	void aLateFileWhoseKeyWasFreeAgainHidesNothing() {
		merged();
		stray(55, NEWEST + 100);
		for (int seconds : new int[] { 60, 1000, 5550, 9899, 9950, NEWEST }) {
			assertThat(stateOf(seconds)).isEqualTo((seconds > 9900) ? seconds : seconds / 10 * 10);
		}
		assertThat(stateOf(59)).isEqualTo(50);
		assertThat(stateOf(49)).isEqualTo(40);
		// What was stored late may have been captured early
		stray(55, 20);
		assertThat(stateOf(30)).isEqualTo(30);
		assertThat(stateOf(20)).isEqualTo(20);
	}

	/** It goes on from the end of a merged file, so that it could be restored. */
	@Test
	void aLateFileThatLeadsOnHidesNothing() {
		merged();
		stray(5001, NEWEST + 100);
		for (int seconds : new int[] { 60, 4999, 5000, 5009, 5010, 5550, 9899, 9950, NEWEST }) {
			assertThat(stateOf(seconds)).isEqualTo((seconds > 9900) ? seconds : seconds / 10 * 10);
		}
	}

	@Test
	void lateFilesInARowHideNothing() {
		merged();
		for (int txid = 51; txid < 60; txid++) {
			stray(txid, NEWEST + txid);
		}
		for (int seconds : new int[] { 50, 60, 70, 1000, 5550, 9950, NEWEST }) {
			assertThat(stateOf(seconds)).isEqualTo(seconds);
		}
	}

	@Test
	void aLateFileAtTheEndOfAMergedOneHidesNothing() {
		merged();
		stray(5000, NEWEST + 100);
		assertThat(stateOf(4999)).isEqualTo(4990);
		assertThat(stateOf(5000)).isEqualTo(5000);
		assertThat(stateOf(5555)).isEqualTo(5550);
	}

	/** Files of Litestream: our own writers go on with the time that was reached. */
	@Test
	void aClockThatWasPutForwardForAWhileHidesNothing() {
		level0();
		for (int txid = 4995; txid < 5010; txid++) {
			stray(txid, 3 * NEWEST);
		}
		for (int seconds : new int[] { 2, 4994, 5025, 6000, 9999, NEWEST }) {
			assertThat(stateOf(seconds)).isEqualTo(seconds);
			assertThat(this.storage.timeRequests).isLessThanOrEqualTo(60);
		}
		assertThat(stateOf(5005)).isEqualTo(4994);
		// Not after the newest, though some files say that they are
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> stateOf(NEWEST + 2))
			.withMessageContaining("no state as late");
	}

	@Test
	void whatTheStorageSaysWasStoredByThenIsLookedAt() {
		this.storage.add(9, 1, 1);
		for (int txid = 2; txid <= 1000; txid++) {
			stored(txid, (txid < 300 || txid > 600) ? txid : txid + 1000, txid);
		}
		for (int seconds : new int[] { 2, 299, 601, 602, 700, 1000 }) {
			assertThat(stateOf(seconds)).isEqualTo(seconds);
		}
		assertThat(stateOf(359)).isEqualTo(299);
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> stateOf(450))
			.withMessageContaining("by its TXID");
	}

	/**
	 * By an hour, for one commit: our writers never go back behind that, so that for an
	 * hour all files have that time. The storage's own clock tells when they came.
	 */
	@Test
	void aTimeInTheHourThatAClockWasPutForwardByIsNoOlderState() {
		this.storage.add(9, 1, 1);
		for (int txid = 2; txid <= 7200; txid++) {
			stored(txid, (txid < 100) ? txid : Math.max(txid, 3700), txid);
		}
		assertThat(stateOf(99)).isEqualTo(99);
		for (int seconds : new int[] { 160, 3600, 3699 }) {
			assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> stateOf(seconds))
				.withMessageContaining("TXID " + new Txid(99) + " of 1970-01-01T00:01:39Z")
				.withMessageContaining("TXID " + new Txid(seconds - 60) + " of 1970-01-01T01:01:40Z was stored at "
						+ Instant.ofEpochSecond(seconds - 60))
				.withMessageContaining("by its TXID");
			assertThat(this.storage.timeRequests).isLessThanOrEqualTo(41);
		}
		for (int seconds : new int[] { 3700, 3701, 7200 }) {
			assertThat(stateOf(seconds)).isEqualTo(seconds);
		}
	}

	/** Uploads lag, and a copy is made later still. */
	@Test
	void whatWasStoredLaterThanItWasWrittenContradictsNothing() {
		this.storage.add(9, 1, 1);
		for (int txid = 2; txid <= 1000; txid++) {
			// An outage, and before it a copy
			stored(txid, txid, (txid > 500 && txid < 800) ? 800 : Math.max(txid, 400));
		}
		for (int seconds : new int[] { 2, 300, 500, 501, 650, 799, 800, 1000 }) {
			assertThat(stateOf(seconds)).isEqualTo(seconds);
		}
	}

	/** The clock of the storage is ten minutes behind, or it has none. */
	@Test
	void whereTwoClocksAlwaysDifferThatOfTheFilesCounts() {
		this.storage.add(9, 1, 1);
		ListedStorage none = new ListedStorage().add(9, 1, 1);
		for (int txid = 10; txid <= 10_000; txid += 10) {
			this.storage.add(new StoredFile(ListedStorage.file(1, Math.max(txid - 9, 2), txid, 1).key(), 100,
					Instant.ofEpochSecond(txid - 600)), Instant.ofEpochSecond(txid));
			none.add(1, Math.max(txid - 9, 2), txid);
		}
		for (int seconds : new int[] { 10, 5555, 9999, 10_000 }) {
			assertThat(stateOf(seconds)).isEqualTo(seconds / 10 * 10);
			assertThat(new RestorePlanner(none).plan(null, Instant.ofEpochSecond(seconds)).orElseThrow().txid())
				.isEqualTo(new Txid(seconds / 10 * 10));
		}
	}

	/**
	 * A writer that was shut out had stored the first file of a merged one's range again,
	 * and was killed before it looked. Its commit is in no history.
	 */
	@Test
	void aLateFileThatLeadsOnIsNotTheStateOfATime() {
		this.storage.add(9, 1, 1).add(1, 2, 10).add(1, 11, 20).add(0, 21, 21);
		stored(11, 13, 1000);
		assertThat(stateOf(15)).isEqualTo(10);
		stored(12, 14, 1001);
		assertThat(stateOf(15)).isEqualTo(10);
	}

	/** As long as level 0 is whole up to the end of what is merged, it was its input. */
	@Test
	void inACopyThatWasMadeInAnyOrderTheFilesOfLevelZeroCount() {
		this.storage.add(9, 1, 1).add(1, 2, 10).add(1, 11, 20);
		for (int txid = 11; txid <= 21; txid++) {
			stored(txid, txid, 1000 + txid);
		}
		for (int seconds = 10; seconds <= 21; seconds++) {
			assertThat(stateOf(seconds)).isEqualTo(seconds);
		}
	}

	@Test
	void whereAClockWasPutBackTheNewerOfTwoStatesIsMeant() {
		this.storage.add(9, 1, 1);
		for (int txid = 2; txid <= 40; txid++) {
			stray(txid, (txid <= 20) ? txid : txid - 8);
		}
		for (int seconds = 1; seconds <= 12; seconds++) {
			assertThat(stateOf(seconds)).isEqualTo(seconds);
		}
		for (int seconds = 13; seconds <= 32; seconds++) {
			assertThat(stateOf(seconds)).isEqualTo(seconds + 8);
		}
	}

	private void stored(int txid, int seconds, int storedAt) {
		LtxKey key = ListedStorage.file(0, txid, txid, 1).key();
		this.storage.add(new StoredFile(key, 100, Instant.ofEpochSecond(storedAt)), Instant.ofEpochSecond(seconds));
	}

	private long stateOf(int seconds) {
		this.storage.timeRequests = 0;
		return new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(seconds)).orElseThrow().txid().value();
	}

}
