package io.github.litestream4j.storage.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.AbstractReplicaStorageTests;
import io.github.litestream4j.storage.Content;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class FileReplicaStorageTests extends AbstractReplicaStorageTests {

	@TempDir
	private Path folder;

	@Override
	protected ReplicaStorage open(String place) {
		return new FileReplicaStorage(this.folder.resolve("new").resolve(place));
	}

	@Override
	protected void plant(int level, String name) {
		plant("ltx/" + level + "/" + name, bytes(7, 1));
	}

	@Override
	protected void plant(String path, byte[] bytes) {
		try {
			Path file = this.folder.resolve("new/app").resolve(path);
			Files.createDirectories(file.getParent());
			Files.write(file, bytes);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void takesAFileInThePlaceOfAFolderOfLitestream03ForAnError() throws IOException {
		plant("generations", bytes(1, 1));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> storage().listLegacy())
			.withMessageContaining("generations");
		Files.delete(this.folder.resolve("new/app/generations"));
		plant("generations/0123456789abcdef/wal", bytes(1, 1));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> storage().listLegacy());
	}

	@Override
	protected int bigSize() {
		return 1_234_567;
	}

	@Test
	void laysFilesOutAsLitestreamDoes() {
		put(key(0, 26), bytes(10, 1));
		put(key(9, 1, 26), bytes(10, 1));
		storage().putMetaIfAbsent("generations/1.json", bytes(10, 1));
		assertThat(this.folder.resolve("new/app/ltx/0/000000000000001a-000000000000001a.ltx")).hasSize(10);
		assertThat(this.folder.resolve("new/app/ltx/9/0000000000000001-000000000000001a.ltx")).hasSize(10);
		assertThat(this.folder.resolve("new/app/meta/generations/1.json")).hasSize(10);
		assertThat(storage().url()).isEqualTo("file:" + this.folder.resolve("new/app"));
	}

	@Test
	void readsAReplicaThatLitestreamWrote() throws IOException {
		Path replica = Path.of("src/test/resources/fixtures/litestream-v0.5/basic/replica");
		ReplicaStorage storage = new FileReplicaStorage(replica);
		assertThat(storage.list(0)).hasSize(7);
		StoredFile file = storage.list(9).get(1);
		assertThat(file.key()).isEqualTo(key(9, 1, 6));
		assertThat(storage.read(file.key(), 0, 4)).hasBinaryContent("LTX1".getBytes());
	}

	@Test
	@Timeout(120)
	void showsNoFileWithoutThoseStoredBeforeIt() throws Exception {
		ReplicaStorage storage = storage();
		int count = 4_000;
		CompletableFuture<Void> storing = CompletableFuture.runAsync(() -> IntStream.rangeClosed(1, count)
			.forEach((txid) -> storage.putIfAbsent(key(0, txid), Content.of(bytes(1, 1)), TIME)));
		List<StoredFile> files;
		do {
			files = storage.list(0);
			if (!files.isEmpty()) {
				assertThat(files.get(files.size() - 1).key()).isEqualTo(key(0, files.size()));
			}
		}
		while (files.size() < count && !storing.isCompletedExceptionally());
		storing.get();
	}

	@Test
	void touchesNothingBeforeTheFirstFile() {
		storage().list(0);
		storage().readMeta("replica.json");
		storage().delete(List.of(key(0, 1)));
		assertThat(this.folder).isEmptyDirectory();
	}

	@Test
	void leavesNoTemporaryFiles() throws IOException {
		put(key(0, 1), bytes(10, 1));
		put(key(0, 1), bytes(10, 1));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> storage().put(key(0, 2), TIME, (out) -> {
				throw new IllegalStateException();
			}));
		assertThat(names(0)).containsExactly("0000000000000001-0000000000000001.ltx");
	}

	@Test
	void clearsWhatACrashLeftADayAgo() throws IOException {
		Path level = Files.createDirectories(this.folder.resolve("new/app/ltx/0"));
		Instant now = Instant.parse("2026-01-02T00:00:00Z");
		String old = "." + now.minus(Duration.ofHours(25)).toEpochMilli() + "-" + UUID.randomUUID() + ".tmp";
		String recent = "." + now.minus(Duration.ofHours(23)).toEpochMilli() + "-" + UUID.randomUUID() + ".tmp";
		for (String name : new String[] { old, recent, ".foreign.tmp" }) {
			Files.writeString(level.resolve(name), "half a fi");
		}
		ReplicaStorage storage = storage(Files::createLink, now);
		assertThat(names(0)).hasSize(3);
		storage.putIfAbsent(key(0, 1), Content.of(bytes(10, 1)), TIME);
		assertThat(names(0)).containsExactlyInAnyOrder(recent, ".foreign.tmp", "0000000000000001-0000000000000001.ltx");
	}

	@Test
	void takesAFileInTheFoldersPlaceForAnError() throws IOException {
		Files.writeString(this.folder.resolve("new"), "a file");
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> storage().list(0))
			.withMessageContainingAll("list", "new", "app");
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> storage().readMeta("replica.json"));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> put(key(0, 1), bytes(1, 1)));
	}

	@Test
	void takesAFileInALevelsPlaceForAnError() throws IOException {
		Files.createDirectories(this.folder.resolve("new/app/ltx"));
		Files.writeString(this.folder.resolve("new/app/ltx/0"), "a file");
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> storage().list(0));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> put(key(0, 1), bytes(1, 1)));
		assertThat(storage().list(1)).isEmpty();
	}

	@Test
	void makesAFolderAgainThatIsGone() throws IOException {
		put(key(0, 1), bytes(1, 1));
		Files.delete(this.folder.resolve("new/app/ltx/0/0000000000000001-0000000000000001.ltx"));
		Files.delete(this.folder.resolve("new/app/ltx/0"));
		assertThatExceptionOfType(StorageUnavailableException.class).isThrownBy(() -> put(key(0, 1), bytes(1, 1)));
		assertThat(put(key(0, 1), bytes(1, 1))).isTrue();
	}

	@Test
	void takesTurnsWhereThereAreNoHardLinks() throws IOException {
		ReplicaStorage storage = storage((link, existing) -> {
			throw new FileSystemException(link.toString(), existing.toString(), "Operation not permitted");
		}, Instant.now());
		assertThat(storage.putIfAbsent(key(0, 1), Content.of(bytes(10, 1)), TIME)).isTrue();
		assertThat(storage.putIfAbsent(key(0, 1), Content.of(bytes(10, 2)), TIME)).isFalse();
		assertThat(storage.putIfAbsent(key(0, 2), Content.of(bytes(10, 3)), TIME)).isTrue();
		assertThat(storage.list(0)).extracting(StoredFile::key).containsExactly(key(0, 1), key(0, 2));
		assertThat(read(key(0, 1), 0, 10)).isEqualTo(bytes(10, 1));
		assertThat(names(0)).containsExactlyInAnyOrder(".lock", "0000000000000001-0000000000000001.ltx",
				"0000000000000002-0000000000000002.ltx");
	}

	@Test
	void doesNotTakeTurnsOnceALinkWorked() throws IOException {
		boolean[] broken = new boolean[1];
		ReplicaStorage storage = storage((link, existing) -> {
			if (broken[0]) {
				throw new FileSystemException(link.toString(), existing.toString(), "Input/output error");
			}
			Files.createLink(link, existing);
		}, Instant.now());
		assertThat(storage.putIfAbsent(key(0, 1), Content.of(bytes(10, 1)), TIME)).isTrue();
		broken[0] = true;
		assertThatExceptionOfType(StorageUnavailableException.class)
			.isThrownBy(() -> storage.putIfAbsent(key(0, 2), Content.of(bytes(10, 1)), TIME));
		assertThat(names(0)).containsExactly("0000000000000001-0000000000000001.ltx");
	}

	@Test
	void passesADirectoryOfTheRightNameOver() throws IOException {
		Files.createDirectories(this.folder.resolve("new/app/ltx/0/0000000000000001-0000000000000001.ltx"));
		assertThat(storage().list(0)).isEmpty();
	}

	@Test
	void tellsAMissingReplicaFromAMissingFile() {
		assertThatExceptionOfType(MissingFileException.class).isThrownBy(() -> read(key(0, 1), 0, 1));
	}

	private ReplicaStorage storage(FileWriter.Linker linker, Instant now) {
		return new FileReplicaStorage(this.folder.resolve("new/app"),
				new FileWriter(linker, Clock.fixed(now, ZoneOffset.UTC)));
	}

	private List<String> names(int level) throws IOException {
		try (Stream<Path> entries = Files.list(this.folder.resolve("new/app/ltx/" + level))) {
			return entries.map((path) -> path.getFileName().toString()).toList();
		}
	}

}
