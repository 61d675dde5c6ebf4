package io.github.litestream4j.history;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.Crc64;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.ResumedInput;
import io.github.litestream4j.storage.StoredFile;

/**
 * Reads stored files to their checksums, one after the other and in constant memory: also
 * those that no restore needs just now, but that of an earlier state may.
 */
final class StoredFiles {

	/** How many failures in a row are survived, and one less. */
	private static final int ATTEMPTS = 5;

	private static final Duration FIRST_PAUSE = Duration.ofMillis(400);

	private final ReplicaStorage storage;

	private final ReplicaIndex index;

	/**
	 * Create a reader.
	 * @param storage where the files are
	 * @param index told of each file what it is found to be
	 */
	StoredFiles(ReplicaStorage storage, ReplicaIndex index) {
		this.storage = storage;
		this.index = index;
	}

	/**
	 * List every file.
	 * @return the files, level by level
	 */
	List<StoredFile> list() {
		List<StoredFile> files = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			files.addAll(this.storage.list(level));
		}
		return files;
	}

	/**
	 * Read files, and find those that are not what they must be. One that is gone since
	 * it was listed is passed over.
	 * @param files the files
	 * @return what is wrong with each of them, if anything
	 * @throws StorageUnavailableException when the storage failed too often
	 * @throws LitestreamException when the thread was interrupted
	 */
	Map<StoredFile, String> problems(List<StoredFile> files) {
		Map<StoredFile, String> problems = new LinkedHashMap<>();
		for (StoredFile file : files) {
			problem(file).ifPresent((problem) -> {
				problems.put(file, problem);
				this.index.damaged(List.of(file));
			});
		}
		return problems;
	}

	private Optional<String> problem(StoredFile file) {
		try {
			read(file);
			this.index.proven(file);
			return Optional.empty();
		}
		catch (IOException ex) {
			throw new StorageUnavailableException(
					"Could not read %s of %s: %s".formatted(file.key(), this.storage.url(), ex.getMessage()), ex);
		}
		catch (CorruptDataException ex) {
			return Optional.of(String.valueOf(ex.getMessage()));
		}
		catch (MissingFileException ex) {
			boolean listed = this.storage.find(file.key()).isPresent();
			return listed ? Optional.of(String.valueOf(ex.getMessage())) : Optional.empty();
		}
	}

	private InputStream stored(StoredFile file, String name) {
		return new ResumedInput(name, file.size(), ATTEMPTS, FIRST_PAUSE) {

			@Override
			protected InputStream open(long position) {
				return StoredFiles.this.storage.read(file.key(), position, file.size() - position);
			}

		};
	}

	private void read(StoredFile file) throws IOException {
		String name = file.key() + " of " + this.storage.url();
		try (LtxReader reader = new LtxReader(stored(file, name), name)) {
			LtxFileName range = new LtxFileName(reader.header().min(), reader.header().max());
			if (!range.equals(file.key().name())) {
				throw new CorruptDataException(name + " holds TXIDs " + range.min() + " to " + range.max()
						+ ", which is not what its name says: it was stored under a wrong name, or is damaged");
			}
			if (StoredShape.isSnapshot(file)) {
				compare(file, reader);
			}
			else {
				reader.readToEnd();
			}
		}
	}

	/**
	 * What is stored beside a file is compared by each restore to its end. Of a snapshot
	 * that costs one request here; of all others it costs a restore each.
	 */
	private void compare(StoredFile file, LtxReader reader) throws IOException {
		byte[] page = new byte[reader.header().pageSize()];
		long checksum = 0;
		for (long number = reader.nextPage(page); number != 0; number = reader.nextPage(page)) {
			checksum ^= Crc64.pageChecksum(number, page, 0, page.length);
		}
		checksum |= Long.MIN_VALUE;
		OptionalLong stored = this.storage.databaseChecksum(file);
		if (stored.isPresent() && stored.getAsLong() != checksum) {
			throw new CorruptDataException(
					"%s of %s: its pages give the database checksum %016x, but %016x is stored beside it"
						.formatted(file.key(), this.storage.url(), checksum, stored.getAsLong()));
		}
	}

}
