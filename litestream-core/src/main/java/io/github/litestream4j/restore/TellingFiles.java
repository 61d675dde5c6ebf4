package io.github.litestream4j.restore;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.StoredFile;

/**
 * The files of a replica whose times tell of which time a state is. All do but two kinds
 * of those that lie within a merged file.
 *
 * @param files all files
 * @param chains the states that they make
 */
record TellingFiles(ReplicaFiles files, FileChains chains) {

	/**
	 * The files whose times count. Where a merged file goes on exactly from a state, what
	 * ends within it counts only when it can be restored: retention has taken a part of
	 * its inputs already, so that a time gives the same state now as when the rest of
	 * them is gone; or it is of a writer that came too late and found its key free again.
	 * Nor does what that one has left count when it can be restored.
	 * @return the files, ascending by level
	 */
	List<StoredFile> list() {
		Map<Txid, Txid> merged = new HashMap<>();
		merged().forEach((file) -> merged.merge(file.key().name().min(), file.key().name().max(),
				(a, b) -> a.isAfter(b) ? a : b));
		Set<LtxKey> late = late();
		return this.files.all().stream().filter((file) -> {
			Txid end = file.key().name().max();
			return !late.contains(file.key()) && (this.chains.reaches(end) || this.chains.lastBefore(end)
				.map((before) -> merged.get(before.key().name().max().next()))
				.filter((over) -> !over.isBefore(end))
				.isEmpty());
		}).toList();
	}

	private Stream<StoredFile> merged() {
		return this.files.levels().subList(1, LtxKey.SNAPSHOT_LEVEL).stream().flatMap(List::stream);
	}

	private Set<LtxKey> late() {
		NavigableMap<Txid, StoredFile> level0 = new TreeMap<>();
		this.files.levels().get(0).forEach((file) -> level0.put(file.key().name().max(), file));
		Set<LtxKey> late = new HashSet<>();
		merged().forEach((over) -> addLate(over, level0, late));
		return late;
	}

	/**
	 * What was stored after the merged file that it lies in was no input of it. The files
	 * of a copy may have been stored in any order: where level 0 leads to the end of the
	 * merged file all the same, nothing was ever let go of there, so that no key was
	 * free.
	 */
	private static void addLate(StoredFile over, NavigableMap<Txid, StoredFile> level0, Set<LtxKey> late) {
		Txid first = over.key().name().min();
		Txid end = over.key().name().max();
		Instant merged = over.lastModified().plus(FileTimes.PRECISION);
		for (StoredFile file : level0.subMap(first, true, end, true).descendingMap().values()) {
			Txid min = file.key().name().min();
			if (file.key().name().max().equals(end)) {
				end = new Txid(min.value() - 1);
			}
			else if (!min.isBefore(first) && file.lastModified().isAfter(merged)) {
				late.add(file.key());
			}
		}
	}

}
