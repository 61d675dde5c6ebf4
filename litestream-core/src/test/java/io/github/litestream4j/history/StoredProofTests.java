package io.github.litestream4j.history;

import java.nio.file.Files;
import java.time.Duration;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LtxKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Only damage that was read counts as damage.
 */
class StoredProofTests extends AbstractGuardedHistoryTests {

	private static final LtxKey SNAPSHOT = StoredHistory.key(LtxKey.SNAPSHOT_LEVEL, 1, 1);

	private ReplicaIndex index;

	@BeforeEach
	void index() {
		this.index = this.history.index();
	}

	@Test
	void aSoundFileIsReadOnce() {
		assertThat(StoredProof.problem(this.storage, this.index, SNAPSHOT, later())).isEmpty();
		assertThat(this.reads).hasValue(1);
	}

	@Test
	void whatIsWrongIsNamed() throws Exception {
		this.storage.putDatabaseChecksum(SNAPSHOT, -5);
		assertThat(StoredProof.problem(this.storage, this.index, SNAPSHOT, later()).orElseThrow())
			.contains("fffffffffffffffb is stored beside it");
		this.history.damage(SNAPSHOT);
		assertThat(StoredProof.problem(this.storage, this.index, SNAPSHOT, later()).orElseThrow())
			.contains(SNAPSHOT.toString());
		Files.delete(this.history.path(SNAPSHOT));
		assertThat(StoredProof.problem(this.storage, this.index, SNAPSHOT, later()).orElseThrow()).contains("is gone");
	}

	@Test
	void thatThereIsNoTimeLeftSaysNothingOfIt() {
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> StoredProof.problem(this.storage, this.index, SNAPSHOT, System.nanoTime() - 1))
			.withMessageContaining(SNAPSHOT.toString())
			.withMessageContaining("in time");
		assertThat(this.reads).as("it is not tried again").hasValue(1);
	}

	private static long later() {
		return System.nanoTime() + Duration.ofMinutes(1).toNanos();
	}

}
