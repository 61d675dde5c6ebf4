package io.github.litestream4j.replication;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.litestream4j.database.LiveDatabase;
import io.github.litestream4j.ltx.Crc64;
import io.github.litestream4j.scratch.ScratchFolder;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;
import io.github.litestream4j.wal.WalIndexHeader;

/**
 * Proves by its whole content that a database is the one that a replica ends with, where
 * nothing else can tell.
 */
final class DatabaseProof {

	private DatabaseProof() {
	}

	/**
	 * Read the whole database once. The guard is held at what was read afterwards.
	 * @return where the history goes on; empty when the database is another one, or the
	 * replica does not say
	 */
	static Optional<CapturePosition> of(ReplicatorSettings settings, ReplicaStorage storage, LiveDatabase database,
			ReplicaHistory history, ScratchFolder scratch) throws IOException {
		Optional<StoredFile> newest = history.newest();
		if (newest.isEmpty() || !history.end().equals(history.max())) {
			return Optional.empty();
		}
		OptionalLong expected = storage.databaseChecksum(newest.get());
		if (expected.isEmpty()) {
			return Optional.empty();
		}
		if (!database.lockWriters(settings.busyTimeout())) {
			throw Prerequisites.lockTaken(settings);
		}
		CapturePosition position;
		try {
			database.renewGuard();
			WalIndexHeader index = database.index();
			long commit = (index.frames() > 0) ? index.commit() : database.pageCount();
			position = CapturePosition.atEnd(history.max(), database.pageSize(), commit, index);
		}
		finally {
			database.unlockWriters();
		}
		long[] sum = { 0 };
		new PinnedPages(database, position, scratch)
			.forEach((number, page) -> sum[0] ^= Crc64.pageChecksum(number, page, 0, page.length));
		return ((sum[0] | PageChecksums.FLAG) == expected.getAsLong())
				? Optional.of(position.withChecksum(expected.getAsLong())) : Optional.empty();
	}

}
