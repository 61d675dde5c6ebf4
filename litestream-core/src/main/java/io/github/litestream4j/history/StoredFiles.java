package io.github.litestream4j.history;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.LtxReader;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * Reads stored files to their checksums, one after the other and in constant memory: also
 * those that no restore needs just now, but that of an earlier state may.
 */
final class StoredFiles {

	private final ReplicaStorage storage;

	StoredFiles(ReplicaStorage storage) {
		this.storage = storage;
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
	List<String> problems(List<StoredFile> files) {
		List<String> problems = new ArrayList<>();
		for (StoredFile file : files) {
			problem(file).ifPresent(problems::add);
		}
		return problems;
	}

	private Optional<String> problem(StoredFile file) {
		try {
			read(file);
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

	private void read(StoredFile file) throws IOException {
		String name = file.key() + " of " + this.storage.url();
		try (LtxReader reader = new LtxReader(new ResumedInput(this.storage, file), name)) {
			LtxFileName range = new LtxFileName(reader.header().min(), reader.header().max());
			if (!range.equals(file.key().name())) {
				throw new CorruptDataException(name + " holds TXIDs " + range.min() + " to " + range.max()
						+ ", which is not what its name says: it was stored under a wrong name, or is damaged");
			}
			reader.readToEnd();
		}
	}

}
