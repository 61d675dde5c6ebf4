package io.github.litestream4j.testsupport.trial;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * Which states a replica can give, by the names and times of its files and by nothing
 * else.
 */
final class KeptStates {

	private final TreeMap<Txid, Instant> times = new TreeMap<>();

	private final List<Instant> snapshots = new ArrayList<>();

	private KeptStates() {
	}

	/**
	 * Ask a replica.
	 * @param storage the replica
	 * @param lowest the states that files of lower levels end with are left out
	 */
	static KeptStates of(ReplicaStorage storage, int lowest) {
		List<StoredFile> files = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			files.addAll(storage.list(level));
		}
		files.sort(Comparator.comparing((StoredFile file) -> name(file).max()).thenComparing((file) -> name(file)));
		KeptStates kept = new KeptStates();
		TreeSet<Txid> reached = new TreeSet<>();
		for (StoredFile file : files) {
			boolean snapshot = file.key().level() == LtxKey.SNAPSHOT_LEVEL;
			// One may begin before the end of the one before it
			if (snapshot || reached.ceiling(new Txid(name(file).min().value() - 1)) != null) {
				reached.add(name(file).max());
				if (file.key().level() >= lowest) {
					Instant time = storage.timestamp(file);
					// A snapshot's may be later than that of its last transaction
					kept.times.merge(name(file).max(), time, (one, other) -> one.isBefore(other) ? one : other);
					if (snapshot) {
						kept.snapshots.add(time);
					}
				}
			}
		}
		return kept;
	}

	private static LtxFileName name(StoredFile file) {
		return file.key().name();
	}

	boolean has(Txid txid) {
		return this.times.containsKey(txid);
	}

	List<Txid> since(Instant time) {
		return this.times.entrySet()
			.stream()
			.filter((entry) -> !entry.getValue().isBefore(time))
			.map((entry) -> entry.getKey())
			.toList();
	}

	Txid newest() {
		return this.times.lastKey();
	}

	Instant time(Txid txid) {
		return this.times.get(txid);
	}

	/** The newest that is not after a time. */
	Optional<Txid> at(Instant time) {
		return this.times.descendingMap()
			.entrySet()
			.stream()
			.filter((entry) -> !entry.getValue().isAfter(time))
			.map((entry) -> entry.getKey())
			.findFirst();
	}

	boolean hasSnapshotBefore(Instant time) {
		return this.snapshots.stream().anyMatch((snapshot) -> snapshot.isBefore(time));
	}

}
