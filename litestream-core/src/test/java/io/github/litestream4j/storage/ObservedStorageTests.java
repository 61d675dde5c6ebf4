package io.github.litestream4j.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.file.FileReplicaStorage;
import io.github.litestream4j.testsupport.FaultyStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

class ObservedStorageTests {

	private static final LtxKey KEY = new LtxKey(0, LtxFileName.of(Txid.FIRST));

	private final List<String> requests = new ArrayList<>();

	private Path folder;

	private FaultyStorage faulty;

	private ReplicaStorage storage;

	@BeforeEach
	void open(@TempDir Path folder) {
		this.folder = folder;
		this.faulty = new FaultyStorage(new FileReplicaStorage(folder));
		this.storage = new ObservedStorage(this.faulty, (operation, success, sent, received) -> this.requests
			.add(operation + " " + success + " " + sent + " " + received));
	}

	@Test
	void tellsOfEachCallAndItsBytes() throws IOException {
		assertThat(this.storage.putIfAbsent(KEY, Content.of(new byte[10]), Instant.EPOCH)).isTrue();
		assertThat(this.storage.putIfAbsent(KEY, Content.of(new byte[10]), Instant.EPOCH)).isFalse();
		assertThat(this.storage.put(KEY, Instant.EPOCH, (out) -> out.write(new byte[20]))).isEqualTo(20);
		StoredFile file = this.storage.list(0).get(0);
		assertThat(this.storage.timestamp(file)).isEqualTo(Instant.EPOCH);
		try (InputStream in = this.storage.read(KEY, 5, 15)) {
			assertThat(in.readAllBytes()).hasSize(15);
			assertThat(this.requests).noneMatch((request) -> request.startsWith("read "));
		}
		this.storage.delete(List.of(KEY));
		assertThat(this.storage.putMetaIfAbsent("a", new byte[3])).isTrue();
		assertThat(this.storage.readMeta("a")).isPresent();
		assertThat(this.requests).containsExactly("put-if-absent true 10 0", "put-if-absent true 10 0", "put true 20 0",
				"list true 0 0", "timestamp true 0 0", "read true 0 15", "delete true 0 0", "put-meta true 3 0",
				"read-meta true 0 3");
	}

	@Test
	void passesOnWhatLitestream03HasStored() throws IOException {
		Path wal = Files.createDirectories(this.folder.resolve("generations/0123456789abcdef/wal"));
		Files.write(wal.resolve("00000001_00000000.wal.lz4"), new byte[10]);
		LegacyFile file = this.storage.listLegacy().get(0);
		try (InputStream in = this.storage.readLegacy(file, 3)) {
			assertThat(in.readAllBytes()).hasSize(7);
		}
		assertThat(this.requests).containsExactly("list-legacy true 0 0", "read true 0 7");
		this.faulty.failEverything();
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> this.storage.listLegacy());
	}

	@Test
	void tellsOfAFailure() {
		this.faulty.failEverything();
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> this.storage.list(0));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> this.storage.read(KEY, 0, 1));
		assertThat(this.requests).containsExactly("list false 0 0", "read false 0 0");
	}

	@Test
	void tellsOfAStreamThatBreaks() throws IOException {
		this.storage.putIfAbsent(KEY, Content.of(new byte[10]), Instant.EPOCH);
		this.faulty.cutReads(1, 4);
		try (InputStream in = this.storage.read(KEY, 0, 10)) {
			assertThatIOException().isThrownBy(in::readAllBytes);
		}
		assertThat(this.requests).endsWith("read false 0 4");
	}

}
