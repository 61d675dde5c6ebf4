package io.github.litestream4j.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * Deletes files, and knows which of those that were to go were not seen to be gone yet.
 * For use by one thread.
 */
final class RetentionDeletions {

	/** What one request to S3 can delete. */
	private static final int BATCH = 1000;

	private final ReplicaStorage storage;

	private final ReplicaIndex index;

	/** What was to be deleted and is not known to be gone. */
	private final Set<LtxKey> deleted = new HashSet<>();

	RetentionDeletions(ReplicaStorage storage, ReplicaIndex index) {
		this.storage = storage;
		this.index = index;
	}

	/**
	 * Take what is gone out of the index.
	 * @param listed every file of the replica
	 */
	void listed(Collection<StoredFile> listed) {
		Set<LtxKey> gone = new HashSet<>(this.deleted);
		listed.forEach((file) -> gone.remove(file.key()));
		forget(gone);
	}

	/**
	 * Files are about to be deleted.
	 * @param keys all of them
	 */
	void begin(Collection<LtxKey> keys) {
		Set<LtxKey> going = new HashSet<>(this.deleted);
		going.addAll(keys);
		this.index.going(going);
	}

	/**
	 * Delete files, and look whether they are gone.
	 * @param keys which
	 * @return those that are still listed
	 * @throws StorageUnavailableException when the storage failed; some may be gone
	 * @throws InterruptedException when the thread is to end
	 */
	List<LtxKey> delete(List<LtxKey> keys) throws InterruptedException {
		for (int from = 0; from < keys.size(); from += BATCH) {
			if (Thread.interrupted()) {
				throw new InterruptedException("stopped after " + from + " of " + keys.size() + " files");
			}
			List<LtxKey> batch = keys.subList(from, Math.min(from + BATCH, keys.size()));
			this.deleted.addAll(batch);
			this.storage.delete(batch);
		}
		List<StoredFile> listed = new ArrayList<>();
		keys.stream().map(LtxKey::level).distinct().forEach((level) -> listed.addAll(this.storage.list(level)));
		Set<LtxKey> gone = new HashSet<>(keys);
		List<LtxKey> left = listed.stream().map(StoredFile::key).filter(gone::contains).toList();
		left.forEach(gone::remove);
		forget(gone);
		return left;
	}

	private void forget(Set<LtxKey> gone) {
		this.index.remove(gone);
		this.deleted.removeAll(gone);
	}

}
