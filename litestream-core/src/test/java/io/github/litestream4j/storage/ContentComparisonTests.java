package io.github.litestream4j.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import io.github.litestream4j.testsupport.FaultyStorage.Operation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

class ContentComparisonTests {

	private static final LtxKey KEY = new LtxKey(0, LtxFileName.of(Txid.FIRST));

	/** More than is compared at once, and no multiple of that. */
	private static final int LENGTH = 200_000;

	private FaultyStorage storage;

	private ContentComparison comparison;

	@BeforeEach
	void open(@TempDir Path folder) {
		this.storage = new FaultyStorage(new FileReplicaStorage(folder));
		this.comparison = new ContentComparison(this.storage);
	}

	@Test
	void comparesEveryByte() throws IOException {
		StoredFile stored = store(bytes(-1));
		assertThat(this.comparison.isSame(stored, Content.of(bytes(-1)))).isTrue();
		for (int changed : new int[] { 0, 65_535, 65_536, LENGTH - 1 }) {
			assertThat(this.comparison.isSame(stored, Content.of(bytes(changed)))).as("byte %d", changed).isFalse();
		}
	}

	@Test
	void comparesNothingWithNothing() throws IOException {
		assertThat(this.comparison.isSame(store(new byte[0]), Content.of(new byte[0]))).isTrue();
	}

	@Test
	void readsNothingOfAnotherLength() throws IOException {
		StoredFile stored = store(bytes(-1));
		assertThat(this.comparison.isSame(stored, Content.of(new byte[LENGTH + 1]))).isFalse();
		assertThat(this.storage.calls(Operation.READ)).isZero();
	}

	@Test
	void doesNotTakeABrokenConnectionForADifference() {
		StoredFile stored = store(bytes(-1));
		this.storage.cutReads(1, 100_000);
		assertThatIOException().isThrownBy(() -> this.comparison.isSame(stored, Content.of(bytes(-1))))
			.withMessageContaining("breaks on demand");
	}

	@Test
	void aRefusedKeyMustBeListed() {
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> this.comparison.taken(KEY))
			.withMessage("%s in %s is refused as taken, but not listed", KEY, this.storage.url());
		StoredFile stored = store(new byte[1]);
		assertThat(this.comparison.taken(KEY)).isEqualTo(stored);
	}

	private StoredFile store(byte[] bytes) {
		this.storage.putIfAbsent(KEY, Content.of(bytes), Instant.EPOCH);
		return this.storage.find(KEY).orElseThrow();
	}

	private static byte[] bytes(int changed) {
		byte[] bytes = new byte[LENGTH];
		if (changed >= 0) {
			bytes[changed] = 1;
		}
		return bytes;
	}

}
