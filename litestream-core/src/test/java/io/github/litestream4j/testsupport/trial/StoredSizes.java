package io.github.litestream4j.testsupport.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;

import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * How much is stored at one time.
 *
 * @param elapsed since the begin
 * @param files how many, by level
 * @param bytes how much, by level
 * @param staging bytes in the local staging folder
 */
record StoredSizes(Duration elapsed, List<Integer> files, List<Long> bytes, long staging) {

	static StoredSizes of(Duration elapsed, ReplicaStorage storage, Path staging) {
		List<Integer> files = new ArrayList<>();
		List<Long> bytes = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			List<StoredFile> listed = storage.list(level);
			files.add(listed.size());
			bytes.add(listed.stream().mapToLong(StoredFile::size).sum());
		}
		return new StoredSizes(elapsed, files, bytes, size(staging));
	}

	private static long size(Path folder) {
		try (Stream<Path> paths = Files.walk(folder)) {
			long sum = 0;
			for (Path path : (Iterable<Path>) paths::iterator) {
				sum += fileSize(path);
			}
			return sum;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static long fileSize(Path path) throws IOException {
		try {
			return Files.isRegularFile(path) ? Files.size(path) : 0;
		}
		catch (NoSuchFileException ex) {
			// Made room meanwhile
			return 0;
		}
	}

	int allFiles() {
		return this.files.stream().mapToInt(Integer::intValue).sum();
	}

	long allBytes() {
		return this.bytes.stream().mapToLong(Long::longValue).sum();
	}

	@Override
	public String toString() {
		StringJoiner levels = new StringJoiner(", ");
		for (int level = 0; level < this.files.size(); level++) {
			if (this.files.get(level) > 0) {
				levels.add("level %d: %d files %d KB".formatted(level, this.files.get(level),
						this.bytes.get(level) / 1024));
			}
		}
		return "%4d s  %d files, %d KB (%s), staging %d KB".formatted(this.elapsed.toSeconds(), allFiles(),
				allBytes() / 1024, levels, this.staging / 1024);
	}

}
