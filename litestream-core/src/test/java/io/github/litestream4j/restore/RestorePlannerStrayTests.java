package io.github.litestream4j.restore;

import java.time.Instant;

import io.github.litestream4j.UnreachablePointException;
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
			LtxKey key = ListedStorage.file(0, txid, txid, 1).key();
			int seconds = (txid < 300 || txid > 600) ? txid : txid + 1000;
			this.storage.add(new StoredFile(key, 100, Instant.ofEpochSecond(txid)), Instant.ofEpochSecond(seconds));
		}
		for (int seconds : new int[] { 2, 299, 601, 602, 700, 1000 }) {
			assertThat(stateOf(seconds)).isEqualTo(seconds);
		}
		assertThat(stateOf(450)).isEqualTo(299);
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

	private long stateOf(int seconds) {
		this.storage.timeRequests = 0;
		return new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(seconds)).orElseThrow().txid().value();
	}

}
