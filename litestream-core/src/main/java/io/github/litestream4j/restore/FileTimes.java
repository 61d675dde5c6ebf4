package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * The times of a replica's files, asked for one by one and as seldom as possible, since
 * on S3 each costs a request. Not safe for use by several threads.
 */
final class FileTimes {

	private final ReplicaStorage storage;

	private final Map<LtxKey, Instant> known = new HashMap<>();

	FileTimes(ReplicaStorage storage) {
		this.storage = storage;
	}

	Instant of(StoredFile file) {
		return this.known.computeIfAbsent(file.key(), (key) -> this.storage.timestamp(file));
	}

	/**
	 * The file that ends with the newest transaction of those that are not after a time.
	 * Within a level times ascend with the transactions, so each level is searched by
	 * halves, upwards, and only between what is known already: what ends with a
	 * transaction that level 0 says is later is so in every level.
	 * @param files the listings
	 * @param time the time
	 * @return the file, empty when every file is later
	 */
	Optional<StoredFile> newestAt(ReplicaFiles files, Instant time) {
		@Nullable StoredFile newest = null;
		@Nullable Txid later = null;
		for (List<StoredFile> level : files.levels()) {
			int low = (newest != null) ? firstFrom(level, newest.key().name().max().next()) : 0;
			int end = (later != null) ? firstFrom(level, later) : level.size();
			int found = firstAfter(level, low, end, time);
			if (found > low) {
				newest = level.get(found - 1);
			}
			if (found < end && level.get(found).key().level() == 0) {
				later = level.get(found).key().name().max();
			}
		}
		return Optional.ofNullable(newest);
	}

	/** Find the first file that ends with a transaction or later. */
	private static int firstFrom(List<StoredFile> level, Txid txid) {
		int low = 0;
		int high = level.size();
		while (low < high) {
			int middle = (low + high) >>> 1;
			if (level.get(middle).key().name().max().isBefore(txid)) {
				low = middle + 1;
			}
			else {
				high = middle;
			}
		}
		return low;
	}

	private int firstAfter(List<StoredFile> level, int from, int to, Instant time) {
		int low = from;
		int high = to;
		// Often all are later: what is older has been merged, or lies in a level below
		int probe = low;
		while (low < high) {
			if (of(level.get(probe)).isAfter(time)) {
				high = probe;
			}
			else {
				low = probe + 1;
			}
			probe = (low + high) >>> 1;
		}
		return low;
	}

}
