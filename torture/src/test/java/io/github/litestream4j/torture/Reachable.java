package io.github.litestream4j.torture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.LtxFileName;
import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * Which states a replica can give, by the names of its files and by nothing else.
 *
 * @param files every file, ascending by last transaction
 * @param txids the transactions that can be restored
 */
record Reachable(List<StoredFile> files, TreeSet<Txid> txids) {

	static Reachable of(ReplicaStorage storage) {
		List<StoredFile> files = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			files.addAll(storage.list(level));
		}
		files.sort(Comparator.comparing((StoredFile file) -> name(file).max()).thenComparing((file) -> name(file)));
		TreeSet<Txid> txids = new TreeSet<>();
		for (StoredFile file : files) {
			boolean snapshot = file.key().level() == LtxKey.SNAPSHOT_LEVEL;
			// One may begin before the end of the one before it
			boolean goesOn = name(file).min().value() > 1
					&& txids.ceiling(new Txid(name(file).min().value() - 1)) != null;
			if (snapshot || goesOn) {
				txids.add(name(file).max());
			}
		}
		return new Reachable(List.copyOf(files), txids);
	}

	private static LtxFileName name(StoredFile file) {
		return file.key().name();
	}

	Txid newest() {
		return name(this.files.get(this.files.size() - 1)).max();
	}

	boolean givesNewest() {
		return !this.files.isEmpty() && this.txids.contains(newest());
	}

	/**
	 * The transactions between the newest snapshot and the newest state, which is not
	 * reached without them.
	 */
	List<Txid> needed() {
		if (!givesNewest()) {
			return List.of();
		}
		Txid from = lastSnapshot().orElse(Txid.ZERO);
		return LongStream.range(from.value() + 1, newest().value()).mapToObj(Txid::new).toList();
	}

	/**
	 * The files of all levels but that of snapshots that hold a transaction.
	 */
	List<LtxKey> holding(Txid txid) {
		return this.files.stream()
			.map(StoredFile::key)
			.filter((key) -> key.level() != LtxKey.SNAPSHOT_LEVEL)
			.filter((key) -> !key.name().min().isAfter(txid) && !txid.isAfter(key.name().max()))
			.toList();
	}

	long snapshots() {
		return snapshotFiles().count();
	}

	Txid newestSnapshot() {
		return lastSnapshot().orElseThrow();
	}

	private Optional<Txid> lastSnapshot() {
		return snapshotFiles().reduce((first, second) -> second).map((file) -> name(file).max());
	}

	private Stream<StoredFile> snapshotFiles() {
		return this.files.stream().filter((file) -> file.key().level() == LtxKey.SNAPSHOT_LEVEL);
	}

}
