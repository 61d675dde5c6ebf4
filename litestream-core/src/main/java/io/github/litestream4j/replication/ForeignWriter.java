package io.github.litestream4j.replication;

import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

import io.github.litestream4j.ConflictException;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds in a listing that another writer goes on with the replica. A writer that has
 * nothing to store has no conflict, and would go on to delete and to merge what is not
 * its own any more. Safe for use by any thread.
 */
final class ForeignWriter {

	private static final Logger logger = LoggerFactory.getLogger(ForeignWriter.class);

	private final String database;

	private final String replica;

	private final Progress progress;

	ForeignWriter(String database, String replica, Progress progress) {
		this.database = database;
		this.replica = replica;
		this.progress = progress;
	}

	/**
	 * Stop for good when a file goes further than what was captured here, and is not
	 * known.
	 * @param listed every file of the replica, as it was listed just now
	 * @throws ConflictException when there is one
	 */
	void requireNone(Collection<StoredFile> listed) {
		// After the listing: what we store is captured before
		Txid captured = this.progress.captured();
		Set<LtxKey> known = new HashSet<>();
		this.progress.index().all().forEach((file) -> known.add(file.key()));
		Optional<LtxKey> foreign = listed.stream()
			.map(StoredFile::key)
			.filter((key) -> key.name().max().isAfter(captured) && !known.contains(key))
			.findFirst();
		if (foreign.isPresent()) {
			String reason = "%s in %s was stored by another writer, while this one had nothing to store and is at %s. Two applications write to this replica: stop one of them, or give it a replica of its own."
				.formatted(foreign.get(), this.replica, captured);
			logger.error("{}: nothing is stored or deleted any more: {}", this.database, reason);
			this.progress.fenced(reason);
			throw new ConflictException(reason);
		}
	}

}
