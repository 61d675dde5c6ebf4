package io.github.litestream4j.replication;

import java.util.Optional;
import java.util.OptionalInt;

import io.github.litestream4j.ConfigurationException;
import io.github.litestream4j.LitestreamException;
import io.github.litestream4j.StorageUnavailableException;
import io.github.litestream4j.database.DatabaseHeader;
import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.LtxHeader;
import io.github.litestream4j.storage.ReplicaStorage;

/**
 * What must hold before a database is replicated. Nothing here makes or alters a file.
 */
final class Prerequisites {

	private Prerequisites() {
	}

	/**
	 * Check the driver, the database file if there is one, and the replica.
	 * @param settings what to replicate
	 * @param storage where to
	 * @param restored whether the file was restored from this replica just now
	 * @return what the replica holds, and whose it is
	 * @throws ConfigurationException when the database cannot be replicated there
	 * @throws StorageUnavailableException when the replica cannot be listed
	 */
	static Found check(ReplicatorSettings settings, ReplicaStorage storage, boolean restored) {
		Optional<DatabaseHeader> header = DatabaseHeader.check(settings.database());
		LiveDatabase.requireSoundDriver();
		ReplicaHistory history = ReplicaHistory.of(storage);
		OptionalInt pageSize = header.stream().mapToInt(DatabaseHeader::pageSize).findFirst();
		Identification identification = Identification.of(settings, storage, history, pageSize, restored);
		pageSize.ifPresent((size) -> requireSamePageSize(settings, storage, history, size));
		return new Found(history, identification);
	}

	/**
	 * The same, before anything is restored: a missing file may be restored yet.
	 */
	static void checkBeforeRestore(ReplicatorSettings settings, ReplicaStorage storage) {
		boolean missing = DatabaseHeader.check(settings.database()).isEmpty();
		check(settings, storage, missing);
	}

	/**
	 * What was found.
	 *
	 * @param history what the replica holds
	 * @param identification whose it is
	 */
	record Found(ReplicaHistory history, Identification identification) {

	}

	/**
	 * Check that a database and a replica have the same page size.
	 * @return the header of the replica's newest file, empty when it has none
	 * @throws ConfigurationException when they differ
	 */
	static Optional<LtxHeader> requireSamePageSize(ReplicatorSettings settings, ReplicaStorage storage,
			ReplicaHistory history, int found) {
		Optional<LtxHeader> newest = history.newest(storage);
		if (newest.isPresent() && newest.get().pageSize() != found) {
			throw new ConfigurationException(
					"The database %s has a page size of %d, but the replica %s holds one of %d. Is this another database? Set litestream.replica.url to a place of its own, or restore the replica's database."
						.formatted(settings.database(), found, storage.url(), newest.get().pageSize()));
		}
		return newest;
	}

	static LitestreamException notOpened(ReplicatorSettings settings, Exception ex) {
		return (ex instanceof LitestreamException litestream) ? litestream : new ConfigurationException(
				"Cannot replicate %s with the staging folder %s: %s. Make the folder writable, or set litestream.staging-directory."
					.formatted(settings.database(), settings.stagingDirectory(), ex),
				ex);
	}

	static ConfigurationException lockTaken(ReplicatorSettings settings) {
		return new ConfigurationException(
				"The write lock of %s was taken for %s. Does another process write to it all the time? Stop it, or raise litestream.busy-timeout."
					.formatted(settings.database(), settings.busyTimeout()));
	}

}
