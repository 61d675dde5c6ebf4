package io.github.litestream4j.history;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.UnreachablePointException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One request deletes many files of a bucket, in no order, and a process that is killed
 * meanwhile does not know which.
 */
class RetentionCutShortTests {

	private static final HistorySettings SETTINGS = new HistorySettings(List.of(Duration.ofSeconds(5)),
			Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(2), true, false, Duration.ZERO);

	/** The states that stay whatever is deleted. */
	private static final TreeSet<Long> KEPT = new TreeSet<>(List.of(7L, 12L, 16L, 17L, 18L));

	@TempDir
	private Path folder;

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6 })
	void anyPartOfARequestLeavesEveryKeptPointAndTheNextPassGoesOn(long seed) throws Exception {
		Random random = new Random(seed);
		FileReplicaStorage replica = new FileReplicaStorage(this.folder.resolve("replica"));
		GuardedStorage storage = new GuardedStorage(replica);
		StoredHistory history = new StoredHistory(this.folder, storage);
		history.commits(6).snapshot();
		history.clock.step(SETTINGS.snapshotRetention().plus(SETTINGS.level0Retention()));
		history.commits(9).merge(1, 8, 12).merge(1, 13, 16).commits(2);
		history.clock.step(SETTINGS.level0Retention());
		storage.deleting((keys) -> deleteSome(replica, keys, random));
		int cut = 0;
		for (boolean done = false; !done;) {
			try {
				// Of a process that knows nothing of the one before
				history.retention(history.index(), SETTINGS, Optional::empty).run();
				done = true;
			}
			catch (StorageUnavailableException ex) {
				assertThat(ex).hasMessage("the process ends");
				cut++;
			}
			for (long txid = KEPT.first(); txid <= history.txid(); txid++) {
				requireRight(history, txid, done);
			}
			assertThat(history.restoreLatest()).isEqualTo(history.txid());
		}
		assertThat(cut).isPositive();
		assertThat(history.keys()).containsExactly(StoredHistory.key(0, 17, 17), StoredHistory.key(0, 18, 18),
				StoredHistory.key(1, 8, 12), StoredHistory.key(1, 13, 16), StoredHistory.key(9, 1, 7));
	}

	/**
	 * A time between the kept states may be refused until the next pass, and never means
	 * another state.
	 */
	private static void requireRight(StoredHistory history, long txid, boolean done) throws IOException {
		try {
			assertThat(history.restoreTimeOf(txid)).isBetween(KEPT.floor(txid), txid);
		}
		catch (UnreachablePointException ex) {
			assertThat(done || KEPT.contains(txid)).as("%d: %s", txid, ex.getMessage()).isFalse();
		}
	}

	private static void deleteSome(FileReplicaStorage replica, Collection<LtxKey> keys, Random random) {
		List<LtxKey> shuffled = new ArrayList<>(keys);
		Collections.shuffle(shuffled, random);
		int count = random.nextInt(keys.size() + 1);
		replica.delete(shuffled.subList(0, count));
		if (count < keys.size()) {
			throw new StorageUnavailableException("the process ends");
		}
	}

}
