package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

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
	 * The newest transaction that a file not after a time names. Within a level times
	 * ascend with the transactions, so each level is searched by halves, and only for
	 * something newer than the levels below it gave.
	 * @param files the listings
	 * @param time the time
	 * @return its TXID, 0 when every file is later
	 */
	Txid newestAt(ReplicaFiles files, Instant time) {
		Txid newest = Txid.ZERO;
		for (List<StoredFile> level : files.levels()) {
			newest = newestAt(level, time, newest);
		}
		return newest;
	}

	private Txid newestAt(List<StoredFile> level, Instant time, Txid atLeast) {
		int low = 0;
		while (low < level.size() && !level.get(low).key().name().max().isAfter(atLeast)) {
			low++;
		}
		int first = low;
		int high = level.size();
		// a level above the first usually holds nothing newer: its next file tells
		int probe = (atLeast.equals(Txid.ZERO)) ? (low + high) >>> 1 : low;
		while (low < high) {
			if (of(level.get(probe)).isAfter(time)) {
				high = probe;
			}
			else {
				low = probe + 1;
			}
			probe = (low + high) >>> 1;
		}
		return (low > first) ? level.get(low - 1).key().name().max() : atLeast;
	}

}
