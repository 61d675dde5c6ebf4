package io.github.litestream4j.restore;

import java.time.Instant;

import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.ltx.Txid;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Nobody knows the state of a time in a hole. There is none where a history has ended,
 * and another one begins with a snapshot.
 */
class RestorePlannerHoleTests {

	private final ListedStorage storage = new ListedStorage();

	@Test
	void aSnapshotThatWasTakenOnTheWayEndsAHoleAndBeginsNoHistory() {
		this.storage.add(9, 1, 1).add(0, 2, 2).add(0, 3, 3).add(9, 1, 6).begin(1);
		requireNoStateOf(5);
		this.storage.add(0, 7, 7);
		requireNoStateOf(5);
		assertThat(stateOf(3)).isEqualTo(3);
		assertThat(stateOf(6)).isEqualTo(6);
		this.storage.begin(6);
		assertThat(stateOf(5)).isEqualTo(3);
	}

	/** They go on with the next TXID, whatever happens. */
	@Test
	void noSnapshotBeginsAHistoryInAReplicaWithoutRecords() {
		this.storage.add(9, 1, 1).add(0, 2, 2).add(0, 3, 3).add(9, 1, 6).add(0, 7, 7);
		requireNoStateOf(5);
	}

	@Test
	void aTimeBetweenAClaimAndItsSnapshotIsInNoHole() {
		this.storage.add(9, 1, 1)
			.add(0, 2, 2)
			.add(0, 3, 3)
			.add(ListedStorage.file(9, 1, 4, 100), Instant.ofEpochSecond(6))
			.add(0, 5, 7)
			.begin(1)
			.begin(4);
		assertThat(stateOf(5)).isEqualTo(3);
	}

	private long stateOf(int seconds) {
		return new RestorePlanner(this.storage).plan(null, Instant.ofEpochSecond(seconds)).orElseThrow().txid().value();
	}

	private void requireNoStateOf(int seconds) {
		assertThatExceptionOfType(UnreachablePointException.class).isThrownBy(() -> stateOf(seconds))
			.withMessageContaining("which may be any from TXID " + new Txid(3) + " on")
			.withMessageContaining("before, TXID " + new Txid(3) + " of 1970-01-01T00:00:03Z")
			.withMessageContaining("after, TXID " + new Txid(6) + " of 1970-01-01T00:00:06Z");
	}

}
