package io.github.litestream4j.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.StoredFile;

import org.jspecify.annotations.Nullable;

/**
 * Which files of a level become which files of the next one.
 * <p>
 * A file that the next level has already is passed over, wherever it lies: what a damaged
 * file, or a crash, kept from being merged is merged later. So is a base image, which
 * begins with TXID 1: each level would hold the whole database again.
 */
final class MergePlan {

	/** Of one merged file: what is done anew after a failure. */
	static final int MAX_INPUTS = 4096;

	private final List<StoredFile> files;

	/** Where snapshots end: what comes after one may not go on from what comes before. */
	private final Set<Txid> snapshots = new HashSet<>();

	private int at;

	private MergePlan(List<StoredFile> files, Collection<StoredFile> snapshots) {
		this.files = files;
		snapshots.forEach((file) -> this.snapshots.add(file.key().name().max()));
	}

	/**
	 * Find out.
	 * @param sources the files of a level that may be merged
	 * @param targets the files of the next level
	 * @param snapshots the files of level 9
	 * @return the runs without a gap, ascending, each without files that others in it
	 * cover
	 */
	static List<List<StoredFile>> runs(Collection<StoredFile> sources, Collection<StoredFile> targets,
			Collection<StoredFile> snapshots) {
		TreeMap<Txid, Txid> covered = intervals(targets);
		// No state before the oldest snapshot can be restored
		Txid oldest = snapshots.stream()
			.map((file) -> file.key().name().max())
			.min(Comparator.naturalOrder())
			.orElse(Txid.ZERO);
		List<StoredFile> files = sources.stream()
			.filter((file) -> !file.key().name().isSnapshot() && file.key().name().max().isAfter(oldest))
			.filter((file) -> !isWithin(file, covered))
			.sorted(Comparator.comparing((file) -> file.key().name()))
			.toList();
		return new MergePlan(files, snapshots).runs();
	}

	/** What files cover together: from the first to the last TXID of each piece. */
	private static TreeMap<Txid, Txid> intervals(Collection<StoredFile> files) {
		TreeMap<Txid, Txid> intervals = new TreeMap<>();
		for (StoredFile file : files.stream().sorted(Comparator.comparing((one) -> one.key().name())).toList()) {
			Map.Entry<Txid, Txid> last = intervals.lastEntry();
			if (last == null || file.key().name().min().isAfter(last.getValue().next())) {
				intervals.put(file.key().name().min(), file.key().name().max());
			}
			else if (file.key().name().max().isAfter(last.getValue())) {
				intervals.put(last.getKey(), file.key().name().max());
			}
		}
		return intervals;
	}

	private static boolean isWithin(StoredFile file, TreeMap<Txid, Txid> intervals) {
		Map.Entry<Txid, Txid> interval = intervals.floorEntry(file.key().name().min());
		return interval != null && !file.key().name().max().isAfter(interval.getValue());
	}

	private List<List<StoredFile>> runs() {
		List<List<StoredFile>> runs = new ArrayList<>();
		while (this.at < this.files.size()) {
			runs.add(run());
		}
		return runs;
	}

	private List<StoredFile> run() {
		List<StoredFile> run = new ArrayList<>();
		Txid end = new Txid(this.files.get(this.at).key().name().min().value() - 1);
		for (StoredFile next = longestFrom(end); next != null; next = longestFrom(end)) {
			run.add(next);
			end = next.key().name().max();
			if (run.size() == MAX_INPUTS || this.snapshots.contains(end)) {
				break;
			}
		}
		return List.copyOf(run);
	}

	/**
	 * The file that leads furthest from a state; those that do not lead as far are passed
	 * over, for it covers them.
	 */
	private @Nullable StoredFile longestFrom(Txid end) {
		StoredFile longest = null;
		while (this.at < this.files.size() && !this.files.get(this.at).key().name().min().isAfter(end.next())) {
			StoredFile file = this.files.get(this.at);
			this.at++;
			Txid reached = (longest != null) ? longest.key().name().max() : end;
			longest = file.key().name().max().isAfter(reached) ? file : longest;
		}
		return longest;
	}

}
