package io.github.litestream4j.restore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import io.github.litestream4j.ltx.Txid;
import io.github.litestream4j.storage.LtxKey;
import io.github.litestream4j.storage.ReplicaStorage;
import io.github.litestream4j.storage.StoredFile;

/**
 * The listings of all levels of a replica, as they stood when they were read.
 *
 * @param levels one list for each level from 0 to 9, each ascending by last and then by
 * first transaction
 */
public record ReplicaFiles(List<List<StoredFile>> levels) {

	private static final Comparator<StoredFile> BY_END = Comparator
		.comparing((StoredFile file) -> file.key().name().max())
		.thenComparing((file) -> file.key().name().min());

	public ReplicaFiles {
		levels = levels.stream().map((files) -> files.stream().sorted(BY_END).toList()).toList();
	}

	/**
	 * List a replica. A file that is merged while this runs is found all the same: levels
	 * are listed upwards, and a merged file is stored before those that it replaces go.
	 * @param storage where the files are
	 * @return all files
	 */
	public static ReplicaFiles of(ReplicaStorage storage) {
		List<List<StoredFile>> levels = new ArrayList<>();
		for (int level = 0; level <= LtxKey.SNAPSHOT_LEVEL; level++) {
			levels.add(storage.list(level));
		}
		return new ReplicaFiles(levels);
	}

	/**
	 * Every file.
	 * @return the files, level by level
	 */
	public List<StoredFile> all() {
		return this.levels.stream().flatMap(List::stream).toList();
	}

	/**
	 * Whether there is no file at all.
	 * @return whether every level is empty
	 */
	public boolean isEmpty() {
		return this.levels.stream().allMatch(List::isEmpty);
	}

	/**
	 * The newest transaction that any file names.
	 * @return its TXID, 0 when there is no file
	 */
	public Txid newest() {
		return this.levels.stream()
			.filter((files) -> !files.isEmpty())
			.map((files) -> files.get(files.size() - 1).key().name().max())
			.max(Comparator.naturalOrder())
			.orElse(Txid.ZERO);
	}

}
