package io.github.litestream4j.history;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Only damage that was read counts as damage.
 */
class StoredProofTests {

	private static final LtxKey SNAPSHOT = StoredHistory.key(LtxKey.SNAPSHOT_LEVEL, 1, 1);

	@TempDir
	private Path folder;

	private final AtomicInteger reads = new AtomicInteger();

	private GuardedStorage storage;

	private StoredHistory history;

	private ReplicaIndex index;

	@BeforeEach
	void prepare() throws Exception {
		this.storage = new GuardedStorage(new FileReplicaStorage(this.folder.resolve("replica")));
		this.history = new StoredHistory(this.folder, this.storage);
		this.index = this.history.index();
		this.storage.beforeRead(this.reads::incrementAndGet);
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
