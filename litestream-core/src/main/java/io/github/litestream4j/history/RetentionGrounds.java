package io.github.litestream4j.history;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.litestream4j.CorruptDataException;
import io.github.litestream4j.MissingFileException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * The files for which others go: the base, and merged files. A name says nothing of what
 * is in a file, so each is read to its checksum before the first one goes for it, unless
 * this process has done that since it was stored. For use by one thread.
 */
final class RetentionGrounds {

	/** In bytes: what is read in ten seconds. */
	private static final long LARGE = 10 * RestoreDrill.GENTLE;

	private final ReplicaStorage storage;

	private final ReplicaIndex index;

	/** What is wrong with those that were read and found damaged. */
	private final Map<StoredFile, String> damaged = new LinkedHashMap<>();

	RetentionGrounds(ReplicaStorage storage, ReplicaIndex index) {
		this.storage = storage;
		this.index = index;
	}

	/**
	 * Read what was not read yet.
	 * @param grounds for which others are to go
	 * @return whether all are what they must be; else some are {@link #damagedOf} now
	 * @throws MissingFileException when one is gone since it was listed
	 */
	boolean areSound(Collection<StoredFile> grounds) {
		List<StoredFile> unread = unproven(grounds);
		if (unread.isEmpty()) {
			return true;
		}
		PacedStorage paced = new PacedStorage(this.storage, RestoreDrill.GENTLE);
		this.damaged.putAll(new StoredFiles(paced, this.index).problems(unread));
		List<StoredFile> unsound = unproven(unread);
		unsound.stream().filter((file) -> !this.damaged.containsKey(file)).findFirst().ifPresent((file) -> {
			throw new MissingFileException("%s of %s was listed, and is gone: nothing is deleted for it"
				.formatted(file.key(), this.storage.url()));
		});
		return unsound.isEmpty();
	}

	/**
	 * Whether {@link #areSound} would read for long.
	 * @param grounds for which others are to go
	 */
	boolean takeLong(Collection<StoredFile> grounds) {
		return unproven(grounds).stream().mapToLong(StoredFile::size).sum() > LARGE;
	}

	private List<StoredFile> unproven(Collection<StoredFile> files) {
		return files.stream().filter((file) -> !this.index.isProven(file)).toList();
	}

	/**
	 * Those that were found damaged, and were neither stored anew nor found sound since.
	 * @param files all that is listed
	 * @return their keys
	 */
	Set<LtxKey> damagedOf(Collection<StoredFile> files) {
		if (!this.damaged.isEmpty()) {
			this.damaged.keySet().retainAll(Set.copyOf(files));
			this.damaged.keySet().removeIf(this.index::isProven);
		}
		return this.damaged.keySet().stream().map(StoredFile::key).collect(Collectors.toSet());
	}

	/**
	 * Fail as long as something is damaged.
	 * @throws CorruptDataException that names it
	 */
	void requireNoneDamaged() {
		if (this.damaged.isEmpty()) {
			return;
		}
		throw new CorruptDataException(
				"%s%s. What could go for it stays: what it should hold can be restored from older files only. Take a snapshot, from which all that is committed later can be restored; what is older is let go of when that is as old as snapshots are kept"
					.formatted(this.damaged.values().iterator().next(), (this.damaged.size() == 1) ? ""
							: " (and %d other files)".formatted(this.damaged.size() - 1)));
	}

}
